//! The frame of the OpenAPI document: what stands before the routes, and what is true of all of them.

use super::problem::{self, Field, ProblemBody};
use utoipa::{
    OpenApi, ToSchema,
    openapi::{
        Array, Components, ContentBuilder, OpenApi as Document, PathItem, Ref, RefOr, ResponseBuilder, Schema,
        path::Operation,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// The name of the answer to every failed request.
const PROBLEM: &str = "Problem";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Countersign",
        description = "Sign-off for machine-learning models that deployment obeys.\n\nUnknown fields and parameters are errors. Failures are `application/problem+json` with a stable `code`. Every answer bears `X-Request-Id`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/", description = "This server")),
    security(("token" = [])),
    tags(
        (name = "people", description = "Signing in, accounts, tokens and groups"),
        (name = "projects", description = "Projects, their members and reviewers"),
        (name = "models", description = "Registered models"),
        (name = "versions", description = "Versions and their files"),
        (name = "review", description = "Whose turn it is, feedback, and the final decision"),
        (name = "infrastructures", description = "Places to deploy to, and their policies"),
        (name = "deployments", description = "What is in service"),
        (name = "nodes", description = "Serving nodes: what they follow, fetch and report"),
        (name = "gate", description = "May this version go there?"),
        (name = "record", description = "The record, its proofs and its keys"),
        (name = "operation", description = "What operators ask of a running server"),
    ),
    components(schemas(ProblemBody, Field))
)]
struct Head;

/// What the document says before any route.
pub(super) fn head() -> Document {
    let mut document = Head::openapi();
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("csn_…").build();
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(PROBLEM))).build();
    let problem = ResponseBuilder::new()
        .description("The request failed, for the reason in `code`.")
        .content(problem::MEDIA_TYPE, content)
        .build();
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme("token", SecurityScheme::Http(token));
    components.responses.insert(PROBLEM.to_owned(), problem.into());
    document
}

/// The content of a file, for the document.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "read by the derive only: files are streamed")]
pub(super) struct Content(Vec<u8>);

/// The document with what is true of all operations: each can fail, and a `*` in a path is axum's and not OpenAPI's.
pub(super) fn complete(mut document: Document) -> Document {
    for (name, schema) in document.components.iter_mut().flat_map(|components| &mut components.schemas) {
        if let RefOr::T(schema) = schema {
            refer_to_the_item(name, schema);
        }
    }
    let paths = &mut document.paths.paths;
    *paths = std::mem::take(paths).into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    for operation in paths.values_mut().flat_map(operations) {
        for status in ["4XX", "5XX"] {
            operation.responses.responses.insert(status.to_owned(), Ref::from_response_name(PROBLEM).into());
        }
    }
    document
}

/// Makes `List_X` and `Done_X` refer to `X`, instead of the copy that utoipa puts into each.
fn refer_to_the_item(name: &str, schema: &mut Schema) {
    match (name.split_once('_'), schema) {
        (Some(("List", item)), Schema::Object(list)) => {
            list.properties.insert("items".to_owned(), Array::new(Ref::from_schema_name(item)).into());
        }
        (Some(("Done", item)), Schema::AllOf(parts)) => {
            if let Some(whole) = parts.items.first_mut() {
                *whole = Ref::from_schema_name(item).into();
            }
        }
        _ => {}
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete].into_iter().flatten()
}
