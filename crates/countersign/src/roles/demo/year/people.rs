//! The accounts: an administrator makes each, and the person redeems the invitation.

use super::server::Year;
use crate::roles::demo::people::{ADMINISTRATOR, PERSONAS};
use app::{
    Caller, OpContext,
    people::{invitations, sign_in, users},
    views::{ChangeUserRequest, CreateUserRequest, SignInRequest},
};
use domain::{Duration, people::InstanceRole};
use std::sync::Arc;

impl Year {
    /// Makes every account and signs everybody in.
    pub async fn invite_everybody(&mut self, password: &str) -> anyhow::Result<()> {
        let console = OpContext::new(Arc::clone(&self.server), Caller::Console, "console");
        let invited = invitations::create_administrator(&console, &ADMINISTRATOR.parse()?).await?;
        self.redeem(ADMINISTRATOR, invited.invitation, password).await?;
        for persona in PERSONAS {
            self.clock.move_on(Duration::from_seconds(20));
            let (name, display_name) = (persona.account.parse()?, persona.name.parse()?);
            let root = self.acting(ADMINISTRATOR).await?;
            let email = format!("{}@example.org", persona.account);
            if persona.account == ADMINISTRATOR {
                users::change(
                    &root,
                    &name,
                    ChangeUserRequest { display_name: Some(display_name), email: Some(Some(email)), ..Default::default() },
                )
                .await?;
                continue;
            }
            let role = Some(persona.role).filter(|role| *role != InstanceRole::User);
            let invited = users::create(&root, CreateUserRequest { name, display_name, email: Some(email), role }).await?;
            self.redeem(persona.account, invited.invitation, password).await?;
        }
        Ok(())
    }

    async fn redeem(&mut self, who: &'static str, invitation: String, password: &str) -> anyhow::Result<()> {
        let anybody = OpContext::new(Arc::clone(&self.server), Caller::Anonymous, "invitation");
        let request = SignInRequest { user: None, password: password.to_owned(), invitation: Some(invitation), label: None };
        self.sessions.insert(who, sign_in::sign_in(&anybody, request).await?.token);
        Ok(())
    }
}
