//! The paths of the API, for its routes and its links. A name in braces is a parameter; a name
//! with a star takes the rest of the path.

macro_rules! paths {
    ($($name:ident = $path:literal;)*) => {$(
        pub(crate) const $name: &str = concat!("/api/v1", $path);
    )*};
}

paths! {
    SESSIONS = "/sessions";
    CURRENT_SESSION = "/sessions/current";
    ME = "/me";
    OWN_PASSWORD = "/me/password";
    WANTED_MESSAGES = "/me/messages";
    SUBSCRIPTIONS = "/me/subscriptions";
    WEBHOOKS = "/webhooks";
    WEBHOOK = "/webhooks/{webhook}";
    WEBHOOK_SECRET = "/webhooks/{webhook}/secret";
    TEST_WEBHOOK = "/webhooks/{webhook}/test";
    DELIVERIES = "/webhooks/{webhook}/deliveries";
    REDELIVER = "/webhooks/{webhook}/deliveries/{delivery}/redeliver";
    USERS = "/users";
    USER = "/users/{user}";
    INVITATION = "/users/{user}/invitation";
    CONFIRM_INVITATION = "/users/{user}/invitation/confirm";
    TOKENS = "/tokens";
    TOKEN = "/tokens/{token}";
    GROUPS = "/groups";
    GROUP = "/groups/{group}";
    GROUP_MEMBER = "/groups/{group}/members/{user}";
    PROJECTS = "/projects";
    PROJECT = "/projects/{project}";
    PROJECT_MEMBER = "/projects/{project}/members/{member}";
    REVIEWERS = "/projects/{project}/reviewers";
    MODELS = "/projects/{project}/models";
    MODEL = "/projects/{project}/models/{model}";
    UPLOADS = "/projects/{project}/models/{model}/uploads";
    UPLOAD = "/uploads/{upload}";
    UPLOAD_FILES = "/uploads/{upload}/files";
    VERSIONS = "/projects/{project}/models/{model}/versions";
    VERSION = "/projects/{project}/models/{model}/versions/{version}";
    RETIRE = "/projects/{project}/models/{model}/versions/{version}/retire";
    RESTORE = "/projects/{project}/models/{model}/versions/{version}/restore";
    COMPARISON = "/projects/{project}/models/{model}/versions/{version}/comparison";
    STATEMENTS = "/projects/{project}/models/{model}/versions/{version}/statements";
    PERMITS = "/projects/{project}/models/{model}/versions/{version}/permits";
    BUNDLE = "/projects/{project}/models/{model}/versions/{version}/bundle";
    MANIFEST = "/projects/{project}/models/{model}/versions/{version}/manifest";
    FILES = "/projects/{project}/models/{model}/versions/{version}/files";
    FILE = "/projects/{project}/models/{model}/versions/{version}/files/{*name}";
    REVIEW = "/projects/{project}/models/{model}/versions/{version}/review";
    REVIEW_HISTORY = "/projects/{project}/models/{model}/versions/{version}/review/history";
    REVIEW_REQUEST = "/projects/{project}/models/{model}/versions/{version}/review/request";
    TAKE_BACK = "/projects/{project}/models/{model}/versions/{version}/review/take-back";
    RELOAD_REVIEWERS = "/projects/{project}/models/{model}/versions/{version}/review/reload-reviewers";
    RENEWAL = "/projects/{project}/models/{model}/versions/{version}/review/renew";
    FINAL_APPROVAL = "/projects/{project}/models/{model}/versions/{version}/review/final";
    BACK_TO_FEEDBACK = "/projects/{project}/models/{model}/versions/{version}/review/back";
    FEEDBACK = "/projects/{project}/models/{model}/versions/{version}/review/feedback";
    DELEGATION = "/projects/{project}/models/{model}/versions/{version}/review/delegate";
    DECISION = "/projects/{project}/models/{model}/versions/{version}/review/decision";
    ABANDON = "/projects/{project}/models/{model}/versions/{version}/review/abandon";
    CANCEL_ABANDON = "/projects/{project}/models/{model}/versions/{version}/review/cancel-abandon";
    REVOKE = "/projects/{project}/models/{model}/versions/{version}/review/revoke";
    RESET = "/projects/{project}/models/{model}/versions/{version}/review/reset";
    INBOX = "/inbox";
    INFRASTRUCTURES = "/infrastructures";
    INFRASTRUCTURE = "/infrastructures/{infrastructure}";
    POLICY = "/infrastructures/{infrastructure}/policy";
    POLICY_PREVIEW = "/infrastructures/{infrastructure}/policy/preview";
    POLICIES = "/infrastructures/{infrastructure}/policies";
    GATE_LOG = "/infrastructures/{infrastructure}/gate-log";
    INFRASTRUCTURE_MEMBER = "/infrastructures/{infrastructure}/members/{member}";
    DEPLOYMENTS = "/infrastructures/{infrastructure}/deployments";
    DEPLOYMENT = "/infrastructures/{infrastructure}/deployments/{service}";
    ROLLBACK = "/infrastructures/{infrastructure}/deployments/{service}/rollback";
    STOP = "/infrastructures/{infrastructure}/deployments/{service}/stop";
    ACKNOWLEDGE_LAPSE = "/infrastructures/{infrastructure}/deployments/{service}/acknowledge-lapse";
    SERVING = "/infrastructures/{infrastructure}/serving";
    SERVED_MANIFEST = "/infrastructures/{infrastructure}/serving/manifests/{model_digest}";
    SERVED_FILE = "/infrastructures/{infrastructure}/serving/files/{sha256}";
    NODES = "/infrastructures/{infrastructure}/nodes";
    NODE = "/infrastructures/{infrastructure}/nodes/{node}";
    GATE_CHECK = "/gate/check";
    AUDIT = "/audit";
    CHECKPOINT = "/log/checkpoint";
    INCLUSION_PROOF = "/log/proof/inclusion";
    TLOG_PROOF = "/log/proof/tlog";
    LOGGED_EVENT = "/log/events/{position}";
    CONSISTENCY_PROOF = "/log/proof/consistency";
    PUBLIC_KEY = "/public-key";
    LOG_KEY = "/log/key";
    JOBS = "/jobs";
    MESSAGES = "/messages";
    RETRY_MESSAGES = "/messages/retry";
    TEST_MESSAGES = "/messages/test";
    DOCUMENT = "/openapi.json";
}
