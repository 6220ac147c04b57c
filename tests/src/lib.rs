//! Behaviour through the public faces, on both databases
