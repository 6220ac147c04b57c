//! Models: a model has versions.

use crate::{
    args::ModelRef,
    client::{Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    text::model::{card, table},
};
use app::views::CreateModelRequest;
use domain::Name;

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
            session.list(&paging, "after", table, || client.get(&paths::models(&project))).await?;
        }
        ModelCommand::Show { model } => session.show(&client.get(&paths::model(&model)).send().await?, card)?,
        ModelCommand::Create { model } => {
            let call = client.post(&paths::models(&model.project), &CreateModelRequest { name: model.model });
            session.show(&call.send().await?, card)?;
        }
    }
    Ok(Exit::Done)
}
