//! The paths of the pages, and the links that templates write. A path here begins with a slash; the methods of [`At`] put the folder of a
//! proxy before it.

pub(crate) use super::linked::{INFRASTRUCTURE, INVITATION, SETUP, UNSUBSCRIBE, VERSION, WEBHOOK};

use super::{Urls, fill, of_step, of_version};
use domain::{Name, SignOffRef, VersionRef};
use std::{borrow::Borrow, fmt::Display, sync::Arc};

pub(crate) const ASSET: &str = "/assets/{name}";
pub(crate) const PERSON: &str = "/demo/person";
pub(crate) const TOUR: &str = "/demo/tour";
pub(crate) const MAILBOX: &str = "/demo/mails";
pub(crate) const MAILBOX_MAIL: &str = "/demo/mails/{mail}";
pub(crate) const MAILBOX_HTML: &str = "/demo/mails/{mail}/html";
pub(crate) const CATCHER: &str = "/demo/webhook";
pub(crate) const LIVE: &str = "/live";
pub(crate) const FAVICON: &str = "/favicon.ico";
pub(crate) const SIGN_IN: &str = "/signin";
pub(crate) const SIGN_OUT: &str = "/signout";
pub(crate) const REDEEM: &str = "/invitation";
pub(crate) const INBOX: &str = "/";
pub(crate) const PROJECTS: &str = "/projects";
pub(crate) const INFRASTRUCTURES: &str = "/infrastructures";
pub(crate) const POLICY: &str = "/infrastructures/{infrastructure}/policy";
pub(crate) const ACCEPTS: &str = "/infrastructures/{infrastructure}/accepts";
pub(crate) const PLACE_MEMBERS: &str = "/infrastructures/{infrastructure}/members";
pub(crate) const DEPLOY_TO: &str = "/infrastructures/{infrastructure}/deploy";
pub(crate) const SERVICE: &str = "/infrastructures/{infrastructure}/services/{service}";
pub(crate) const DEPLOY: &str = "/infrastructures/{infrastructure}/services/{service}/deploy";
pub(crate) const ROLL_BACK: &str = "/infrastructures/{infrastructure}/services/{service}/rollback";
pub(crate) const STOP: &str = "/infrastructures/{infrastructure}/services/{service}/stop";
pub(crate) const ACKNOWLEDGE_LAPSE: &str = "/infrastructures/{infrastructure}/services/{service}/acknowledge-lapse";
pub(crate) const SEARCH: &str = "/search";
pub(crate) const ACCOUNT: &str = "/account";
pub(crate) const COLOURS: &str = "/account/colours";
pub(crate) const END_SESSION: &str = "/account/sessions/end";
pub(crate) const KEYS: &str = "/account/keys";
pub(crate) const OWN_PASSWORD: &str = "/account/password";
pub(crate) const SUBSCRIPTIONS: &str = "/account/subscriptions";
pub(crate) const OWN_MAIL: &str = "/account/mail";
pub(crate) const OWN_ABSENCE: &str = "/account/absence";
pub(crate) const OWN_TOKENS: &str = "/account/tokens";
pub(crate) const USERS: &str = "/admin/users";
pub(crate) const USER: &str = "/admin/users/{user}";
pub(crate) const GROUPS: &str = "/admin/groups";
pub(crate) const TOKENS: &str = "/admin/tokens";
pub(crate) const MAIL: &str = "/admin/mail";
pub(crate) const MAIL_SERVER: &str = "/admin/mail/server";
pub(crate) const WEBHOOKS: &str = "/webhooks";
pub(crate) const RECORD: &str = "/record";
pub(crate) const RECORD_CSV: &str = "/record.csv";
pub(crate) const RECORD_LINES: &str = "/record.jsonl";
pub(crate) const CHECKPOINT: &str = "/record/checkpoint.txt";
pub(crate) const RECORD_EVENT: &str = "/record/{position}";
pub(crate) const EVENT_BODY: &str = "/record/{position}/event.json";
pub(crate) const EVENT_LEAF: &str = "/record/{position}/leaf.json";
pub(crate) const EVENT_PROOF: &str = "/record/{position}/proof.json";
pub(crate) const EVENT_NOTE: &str = "/record/{position}/proof.txt";
pub(crate) const PROJECT: &str = "/projects/{project}";
pub(crate) const REVIEWERS: &str = "/projects/{project}/reviewers";
pub(crate) const MEMBERS: &str = "/projects/{project}/members";
pub(crate) const RULES: &str = "/projects/{project}/rules";
pub(crate) const PROJECT_RECORD: &str = "/projects/{project}/record";
pub(crate) const PROJECT_RECORD_CSV: &str = "/projects/{project}/record.csv";
pub(crate) const PROJECT_RECORD_LINES: &str = "/projects/{project}/record.jsonl";
pub(crate) const MODEL: &str = "/projects/{project}/models/{model}";
pub(crate) const MODELS: &str = "/projects/{project}/models";
pub(crate) const NEW_VERSION: &str = "/projects/{project}/models/{model}/new";
pub(crate) const COMPARE: &str = "/projects/{project}/models/{model}/compare";
pub(crate) const COMPARISON: &str = "/projects/{project}/models/{model}/compare/{versions}";
pub(crate) const VERSION_TAB: &str = "/projects/{project}/models/{model}/versions/{version}/{tab}";
pub(crate) const EDIT: &str = "/projects/{project}/models/{model}/versions/{version}/edit";
pub(crate) const DOWNLOAD: &str = "/projects/{project}/models/{model}/versions/{version}/download";
pub(crate) const SHEET: &str = "/projects/{project}/models/{model}/versions/{version}/sheet";
pub(crate) const SHEET_JSON: &str = "/projects/{project}/models/{model}/versions/{version}/sheet.json";
pub(crate) const DECISION: &str = "/projects/{project}/models/{model}/versions/{version}/decision";
pub(crate) const FEEDBACK: &str = "/projects/{project}/models/{model}/versions/{version}/feedback";
pub(crate) const WITHDRAW: &str = "/projects/{project}/models/{model}/versions/{version}/withdraw";
pub(crate) const REQUEST: &str = "/projects/{project}/models/{model}/versions/{version}/request";
pub(crate) const FINAL_APPROVAL: &str = "/projects/{project}/models/{model}/versions/{version}/final";
pub(crate) const BACK_TO_FEEDBACK: &str = "/projects/{project}/models/{model}/versions/{version}/back";
pub(crate) const TAKE_BACK: &str = "/projects/{project}/models/{model}/versions/{version}/take-back";
pub(crate) const REVOKE: &str = "/projects/{project}/models/{model}/versions/{version}/revoke";
pub(crate) const RESET: &str = "/projects/{project}/models/{model}/versions/{version}/reset";
pub(crate) const RENEW: &str = "/projects/{project}/models/{model}/versions/{version}/renew";
pub(crate) const ABANDON: &str = "/projects/{project}/models/{model}/versions/{version}/abandon";
pub(crate) const CANCEL_ABANDON: &str = "/projects/{project}/models/{model}/versions/{version}/cancel-abandon";
pub(crate) const DELEGATE: &str = "/projects/{project}/models/{model}/versions/{version}/delegate";
pub(crate) const RELOAD_REVIEWERS: &str = "/projects/{project}/models/{model}/versions/{version}/reload-reviewers";
pub(crate) const RETIRE: &str = "/projects/{project}/models/{model}/versions/{version}/retire";
pub(crate) const RESTORE: &str = "/projects/{project}/models/{model}/versions/{version}/restore";

/// The links of pages.
#[derive(Clone)]
pub(crate) struct At(pub(crate) Arc<Urls>);

macro_rules! places {
    ($($name:ident = $path:ident;)*) => {
        impl At {
            $(pub(crate) fn $name(&self) -> String { self.0.here($path) })*
        }
    };
}

places! {
    sign_in = SIGN_IN;
    sign_out = SIGN_OUT;
    redeem = REDEEM;
    inbox = INBOX;
    projects = PROJECTS;
    infrastructures = INFRASTRUCTURES;
    search = SEARCH;
    account = ACCOUNT;
    colours = COLOURS;
    end_session = END_SESSION;
    keys = KEYS;
    own_password = OWN_PASSWORD;
    own_absence = OWN_ABSENCE;
    own_tokens = OWN_TOKENS;
    own_mail = OWN_MAIL;
    subscriptions = SUBSCRIPTIONS;
    mail = MAIL;
    mail_server = MAIL_SERVER;
    webhooks = WEBHOOKS;
    users = USERS;
    groups = GROUPS;
    tokens = TOKENS;
    record = RECORD;
    checkpoint = CHECKPOINT;
    person = PERSON;
    tour = TOUR;
    mailbox = MAILBOX;
    catcher = CATCHER;
}

impl At {
    pub(crate) fn asset(&self, name: &str) -> String {
        self.0.here(&fill(ASSET, &[("name", name)]))
    }

    pub(crate) fn unsubscribe(&self, code: &str) -> String {
        self.0.here(&fill(UNSUBSCRIBE, &[("code", code)]))
    }

    pub(crate) fn webhook(&self, webhook: &Name) -> String {
        self.0.here(&fill(WEBHOOK, &[("webhook", webhook.as_str())]))
    }

    /// The webhooks of a project.
    pub(crate) fn webhooks_of(&self, project: &Name) -> String {
        format!("{}?project={project}", self.webhooks())
    }

    pub(crate) fn invitation(&self, code: &str) -> String {
        self.0.here(&fill(INVITATION, &[("code", code)]))
    }

    pub(crate) fn setup(&self, code: &str) -> String {
        self.0.here(&fill(SETUP, &[("code", code)]))
    }

    pub(crate) fn version(&self, version: &VersionRef) -> String {
        self.0.here(&of_version(VERSION, version))
    }

    /// A mail in the demo's mailbox.
    pub(crate) fn mailbox_mail(&self, mail: &str) -> String {
        self.0.here(&fill(MAILBOX_MAIL, &[("mail", mail)]))
    }

    /// The HTML of such a mail.
    pub(crate) fn mailbox_html(&self, mail: &str) -> String {
        self.0.here(&fill(MAILBOX_HTML, &[("mail", mail)]))
    }

    /// What tells a page about `about` of changes, that was made when the log had this size.
    pub(crate) fn live(&self, about: impl Display, since: u64) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("about", &about.to_string())
            .append_pair("since", &since.to_string())
            .finish();
        format!("{}?{query}", self.0.here(LIVE))
    }

    /// A version's page with the sign-off of a step.
    pub(crate) fn sign_off(&self, sign_off: &SignOffRef) -> String {
        self.version(&sign_off.version) + &sign_off.step.as_ref().map(of_step).unwrap_or_default()
    }

    /// The same, with an earlier round.
    pub(crate) fn round(&self, sign_off: &SignOffRef, round: &u32) -> String {
        let page = self.sign_off(sign_off);
        let mark = if page.contains('?') { '&' } else { '?' };
        format!("{page}{mark}round={round}")
    }

    /// The page of an act on the sign-off of a step, by the path of the act.
    pub(crate) fn act(&self, path: &str, sign_off: &SignOffRef) -> String {
        self.0.here(&of_version(path, &sign_off.version)) + &sign_off.step.as_ref().map(of_step).unwrap_or_default()
    }

    /// A page of a version: `metrics`, `history`.
    pub(crate) fn of_version(&self, version: &VersionRef, part: impl Display) -> String {
        format!("{}/{part}", self.version(version))
    }

    /// One file of a version.
    pub(crate) fn download(&self, version: &VersionRef, file: &str) -> String {
        let name: String = form_urlencoded::byte_serialize(file.as_bytes()).collect();
        format!("{}/download?name={name}", self.version(version))
    }

    /// The sign-off sheet of a round; `.json` for programs.
    pub(crate) fn sheet(&self, version: &VersionRef, round: &u32, ending: &str) -> String {
        format!("{}/sheet{ending}?round={round}", self.version(version))
    }

    pub(crate) fn project(&self, project: &Name) -> String {
        self.0.here(&fill(PROJECT, &[("project", project.as_str())]))
    }

    /// The reviewers of a project.
    pub(crate) fn reviewers(&self, project: &Name) -> String {
        self.0.here(&fill(REVIEWERS, &[("project", project.as_str())]))
    }

    /// The members of a project.
    pub(crate) fn members(&self, project: &Name) -> String {
        self.0.here(&fill(MEMBERS, &[("project", project.as_str())]))
    }

    /// The duty rules of a project.
    pub(crate) fn rules(&self, project: &Name) -> String {
        self.0.here(&fill(RULES, &[("project", project.as_str())]))
    }

    /// The part of the record that is about a project.
    pub(crate) fn project_record(&self, project: &Name) -> String {
        self.0.here(&fill(PROJECT_RECORD, &[("project", project.as_str())]))
    }

    /// An account, for administrators.
    pub(crate) fn user(&self, user: &Name) -> String {
        self.0.here(&fill(USER, &[("user", user.as_str())]))
    }

    /// The whole address of an invitation, to hand to its person.
    pub(crate) fn invitation_link(&self, code: &str) -> String {
        self.0.invitation_page(code)
    }

    /// An event of the record.
    pub(crate) fn event(&self, position: impl Borrow<u64>) -> String {
        self.0.here(&fill(RECORD_EVENT, &[("position", &position.borrow().to_string())]))
    }

    /// What one can keep of an event: `event.json`, `proof.txt`.
    pub(crate) fn event_file(&self, position: &u64, name: &str) -> String {
        format!("{}/{name}", self.event(position))
    }

    /// The model that a version is of.
    pub(crate) fn model(&self, version: &VersionRef) -> String {
        self.model_named(&version.project, &version.model)
    }

    pub(crate) fn model_named(&self, project: &Name, model: &Name) -> String {
        self.0.here(&fill(MODEL, &[("project", project.as_str()), ("model", model.as_str())]))
    }

    /// Where a model of a project is registered.
    pub(crate) fn models(&self, project: &Name) -> String {
        self.0.here(&fill(MODELS, &[("project", project.as_str())]))
    }

    /// Where a version of a model is registered.
    pub(crate) fn new_version(&self, project: &Name, model: &Name) -> String {
        self.0.here(&fill(NEW_VERSION, &[("project", project.as_str()), ("model", model.as_str())]))
    }

    /// Where two versions of a model are chosen for a comparison.
    pub(crate) fn compare(&self, project: &Name, model: &Name) -> String {
        self.0.here(&fill(COMPARE, &[("project", project.as_str()), ("model", model.as_str())]))
    }

    pub(crate) fn infrastructure(&self, infrastructure: &Name) -> String {
        self.on(INFRASTRUCTURE, infrastructure)
    }

    pub(crate) fn policy_of(&self, infrastructure: &Name) -> String {
        self.on(POLICY, infrastructure)
    }

    /// Which approvals an infrastructure accepts.
    pub(crate) fn accepts_of(&self, infrastructure: &Name) -> String {
        self.on(ACCEPTS, infrastructure)
    }

    pub(crate) fn members_of(&self, infrastructure: &Name) -> String {
        self.on(PLACE_MEMBERS, infrastructure)
    }

    /// Where version and service are chosen.
    pub(crate) fn deploy_to(&self, infrastructure: &Name) -> String {
        self.on(DEPLOY_TO, infrastructure)
    }

    fn on(&self, path: &str, infrastructure: &Name) -> String {
        self.0.here(&fill(path, &[("infrastructure", infrastructure.as_str())]))
    }

    pub(crate) fn service(&self, infrastructure: &Name, service: &Name) -> String {
        self.of_service(SERVICE, infrastructure, service)
    }

    pub(crate) fn deploy(&self, infrastructure: &Name, service: &Name) -> String {
        self.of_service(DEPLOY, infrastructure, service)
    }

    /// The form that deploys a version: of the service there that serves the model, or where the service is chosen.
    pub(crate) fn deploy_version(&self, infrastructure: &Name, service: Option<&Name>, version: &VersionRef) -> String {
        let form = match service {
            Some(service) => self.deploy(infrastructure, service),
            None => self.deploy_to(infrastructure),
        };
        format!("{form}?version={version}")
    }

    pub(crate) fn roll_back(&self, infrastructure: &Name, service: &Name) -> String {
        self.of_service(ROLL_BACK, infrastructure, service)
    }

    pub(crate) fn stop(&self, infrastructure: &Name, service: &Name) -> String {
        self.of_service(STOP, infrastructure, service)
    }

    /// Says that a service is known to be out of policy.
    pub(crate) fn acknowledge_lapse(&self, infrastructure: &Name, service: &Name) -> String {
        self.of_service(ACKNOWLEDGE_LAPSE, infrastructure, service)
    }

    fn of_service(&self, path: &str, infrastructure: &Name, service: &Name) -> String {
        self.0.here(&fill(path, &[("infrastructure", infrastructure.as_str()), ("service", service.as_str())]))
    }

    /// A version beside an earlier one.
    pub(crate) fn comparison(&self, version: &VersionRef, with: &u32) -> String {
        format!("{}/{with}...{}", self.compare(&version.project, &version.model), version.number)
    }
}
