//! The HTTP faces
