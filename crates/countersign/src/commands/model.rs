//! Models: a model has versions.

use crate::{
    args::ModelRef,
    client::{Paging, Session},
    exit::Exit,
    failure::Failure,
    text::facts,
};
use app::views::CreateModelRequest;
use domain::Name;
use serde_json::Value;

/// Manages models
#[derive(Debug, clap::Subcommand)]
pub enum ModelCommand {
    /// Lists a project's models
    #[command(before_help = "Examples:
  countersign model list diagnosis")]
    List {
        /// The project
        project: Name,
        #[command(flatten)]
        paging: Paging,
    },
    /// Shows a model
    #[command(before_help = "Examples:
  countersign model show diagnosis/tumour")]
    Show {
        /// The model, as PROJECT/MODEL
        model: ModelRef,
    },
    /// Creates a model in a project
    #[command(before_help = "Examples:
  countersign model create diagnosis/tumour")]
    Create {
        /// The model, as PROJECT/MODEL
        model: ModelRef,
    },
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: ModelCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        ModelCommand::List { project, paging } => {
            let columns = [("MODEL", "/name"), ("LATEST VERSION", "/latest_version"), ("CREATED", "/created_at")];
            session
                .list(&paging, "after", "No models.", &columns, || client.get(&["projects", project.as_str(), "models"]))
                .await?;
        }
        ModelCommand::Show { model } => {
            session.show(&client.get(&super::model_path(&model.project, &model.model, &[])).send().await?.value, card)?
        }
        ModelCommand::Create { model } => {
            let call = client.post(&["projects", model.project.as_str(), "models"], &CreateModelRequest { name: model.model });
            session.show(&call.send().await?.value, card)?;
        }
    }
    Ok(Exit::Done)
}

fn card(model: &Value) -> String {
    facts(
        model,
        &[("project", "/project"), ("model", "/name"), ("latest version", "/latest_version"), ("created", "/created_at")],
    )
}
