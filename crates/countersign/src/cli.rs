//! The command line: every command, and the function that carries it out.

use crate::{
    client::{Context, Globals},
    commands::{
        absence, audit, change_password, decide, deploy, deployment, doctor, feedback, gate, group, inbox, infra, login, mail,
        model, predict, profile, project, review, reviewers, shell, token, upload, user, verify,
        version::{self, VersionCommand},
        webhook,
    },
    environment::Environment,
    exit::Exit,
    failure::Failure,
    roles::{
        admin::{self, AdminCommand},
        demo::{self, DemoArgs},
        node,
        serve::{self, ServeArgs},
        worker::{self, WorkerArgs},
    },
};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// Sign-off for machine-learning models that deployment obeys
#[derive(Debug, Parser)]
#[command(name = "countersign", version, subcommand_required = true, arg_required_else_help = true)]
#[command(before_help = "Examples:
  countersign serve                                                  a server on this machine
  countersign login http://127.0.0.1:8700 --profile scientist        sign in
  countersign version create diagnosis/tumour model.onnx             register a version
  countersign review request diagnosis/tumour:1                      ask for a review
  countersign inbox                                                  what waits for me?
  countersign approve diagnosis/tumour:1 --comment \"…\"               decide
  countersign deploy production/tumour diagnosis/tumour:1            take it into service
  countersign gate --infra production diagnosis/tumour:1             may it run there?
  countersign node --server URL --infra production …                 serve what was deployed there")]
#[command(after_help = "Environment:
  COUNTERSIGN_PROFILE           who acts, like --profile
  COUNTERSIGN_URL               the server, instead of the profile's
  COUNTERSIGN_TOKEN             a token, instead of a profile
  COUNTERSIGN_TOKEN_FILE        the same, in a file
  COUNTERSIGN_CONFIG_DIR        where profiles are kept [default: ~/.config/countersign]
  NO_COLOR                      no colours

Exit codes: countersign help exit-codes")]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(DemoArgs),
    Serve(ServeArgs),
    Worker(WorkerArgs),
    Node(node::NodeArgs),
    Login(login::LoginArgs),
    Logout(login::LogoutArgs),
    Whoami(login::WhoamiArgs),
    #[command(subcommand)]
    Profile(profile::ProfileCommand),
    Password(change_password::ChangePasswordArgs),
    Inbox(inbox::InboxArgs),
    #[command(subcommand)]
    Version(VersionCommand),
    #[command(subcommand)]
    Review(review::ReviewCommand),
    #[command(subcommand)]
    Feedback(feedback::FeedbackCommand),
    Approve(decide::ApproveArgs),
    Reject(decide::RejectArgs),
    Abandon(decide::AbandonArgs),
    Revoke(decide::RevokeArgs),
    Gate(gate::GateArgs),
    Deploy(deploy::DeployArgs),
    #[command(subcommand)]
    Deployment(deployment::DeploymentCommand),
    Predict(predict::PredictArgs),
    #[command(subcommand)]
    Project(project::ProjectCommand),
    #[command(subcommand)]
    Reviewers(reviewers::ReviewersCommand),
    #[command(subcommand)]
    Model(model::ModelCommand),
    #[command(subcommand)]
    Infra(infra::InfraCommand),
    #[command(subcommand)]
    User(user::UserCommand),
    #[command(subcommand)]
    Group(group::GroupCommand),
    #[command(subcommand)]
    Token(token::TokenCommand),
    #[command(subcommand)]
    Mail(mail::MailCommand),
    #[command(subcommand)]
    Absence(absence::AbsenceCommand),
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    Verify(verify::VerifyArgs),
    #[command(subcommand)]
    Admin(AdminCommand),
    Doctor(doctor::DoctorArgs),
    Openapi(shell::OpenapiArgs),
    Completions(shell::CompletionsArgs),
    Man(shell::ManArgs),
    #[command(hide = true)]
    ExitCodes(shell::ExitCodesArgs),
}

/// The form of every help: what it is for, examples, and only then the grammar.
const HELP: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";

/// The command line for help, completions and man pages.
pub fn command() -> clap::Command {
    fn examples_first(command: clap::Command) -> clap::Command {
        command.help_template(HELP).mut_subcommands(examples_first)
    }
    examples_first(Cli::command()).max_term_width(120)
}

/// Reads the arguments of this process and carries them out.
pub async fn run() -> Exit {
    // Wrong arguments end the process here, with code 2 and the grammar on standard error.
    let cli = Cli::from_arg_matches(&command().get_matches()).unwrap_or_else(|error| error.exit());
    let context = Context::new(cli.globals, Environment::of_this_process());
    carry_out(cli.command, &context).await.unwrap_or_else(|failure| {
        context.out.failure(&failure);
        failure.exit
    })
}

async fn carry_out(command: Command, context: &Context) -> Result<Exit, Failure> {
    let session = || context.session();
    match command {
        Command::Demo(args) => demo::run(args, context).await,
        Command::Serve(args) => serve::run(args, context).await,
        Command::Worker(args) => worker::run(args, context).await,
        Command::Node(args) => node::run(args, context).await,
        Command::Admin(command) => admin::run(command, context).await,
        Command::Verify(args) => verify::run(args, context),
        Command::Doctor(args) => doctor::run(args, context).await,
        Command::Openapi(args) => shell::openapi(&args, context.out),
        Command::Completions(args) => shell::completions(&args, self::command(), context.out),
        Command::Man(args) => shell::man(&args, self::command(), context.out),
        Command::ExitCodes(_) => context.out.document(&crate::exit::table()).map(|()| Exit::Done),
        Command::Login(args) => login::login(args, context).await,
        Command::Logout(args) => login::logout(args, context).await,
        Command::Profile(command) => profile::run(command, context),
        Command::Whoami(args) => login::whoami(args, &session()?).await,
        Command::Password(args) => change_password::run(args, &session()?).await,
        Command::Inbox(args) => inbox::run(args, &session()?).await,
        Command::Version(VersionCommand::Create(args)) if args.is_dry_run() => upload::dry_run(*args, context.out),
        Command::Version(command) => version::run(command, &session()?).await,
        Command::Review(command) => review::run(command, &session()?).await,
        Command::Feedback(command) => feedback::run(command, &session()?).await,
        Command::Approve(args) => decide::approve(args, &session()?).await,
        Command::Reject(args) => decide::reject(args, &session()?).await,
        Command::Abandon(args) => decide::abandon(args, &session()?).await,
        Command::Revoke(args) => decide::revoke(args, &session()?).await,
        Command::Gate(args) => gate::run(args, &session()?).await,
        Command::Deploy(args) => deploy::run(args, &session()?).await,
        Command::Deployment(command) => deployment::run(command, &session()?).await,
        Command::Predict(args) => predict::run(args, context).await,
        Command::Project(command) => project::run(command, &session()?).await,
        Command::Reviewers(command) => reviewers::run(command, &session()?).await,
        Command::Model(command) => model::run(command, &session()?).await,
        Command::Infra(command) => infra::run(command, &session()?).await,
        Command::User(command) => user::run(command, &session()?).await,
        Command::Group(command) => group::run(command, &session()?).await,
        Command::Token(command) => token::run(command, &session()?).await,
        Command::Mail(command) => mail::run(command, &session()?).await,
        Command::Absence(command) => absence::run(command, &session()?).await,
        Command::Webhook(command) => webhook::run(command, &session()?).await,
        Command::Audit(command) => audit::run(command, &session()?).await,
    }
}
