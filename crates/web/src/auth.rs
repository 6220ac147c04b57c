//! Who calls: each kind of credential becomes the context of a use case. A face takes those that its readers have: programs send
//! a bearer token; people's browsers will send the cookie of a session, and with each form the token against forgery.

mod bearer;

pub(crate) use bearer::{AnonymousOp, Op, OpWithBody};
