//! A server on a fresh database, people to act as, a clock to move
