//! The caller: each kind of credential becomes the context of a use case. A face takes the credentials of its clients: programs send
//! a bearer token; browsers send the cookie of a session, and with each form a token against forgery.

mod attempts;
mod bearer;
mod browser;

pub(crate) use attempts::PasswordAttempt;
pub(crate) use bearer::{AnonymousOp, FileOp, Op, OpWithBody};
pub(crate) use browser::{
    DoorForm, OpenSession, SentFiles, SentForm, Visitor, cookie, forget_session, is_signed_in, keep_cookie, keep_known,
    keep_session,
};
