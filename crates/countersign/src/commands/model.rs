//! Models: a model has versions.

use crate::{
    args::ModelRef,
    client::{Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    text::model::{card, table},
};
use app::views::CreateModelRequest;
use domain::{DisplayName, Name};

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
  countersign model create diagnosis/tumour
  countersign model create diagnosis/tumour --display-name \"Tumour segmentation\"")]
    Create {
        /// The model, as PROJECT/MODEL: 1 to 63 lower-case letters, digits, `-`, `_` or `.`, beginning with a letter or digit
        model: ModelRef,
        /// A name for people
        #[arg(long, value_name = "TEXT")]
        display_name: Option<DisplayName>,
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
        ModelCommand::Create { model, display_name } => {
            let request = CreateModelRequest { name: model.model, display_name };
            let call = client.post(&paths::models(&model.project), &request);
            session.show(&call.send().await?, card)?;
        }
    }
    Ok(Exit::Done)
}
