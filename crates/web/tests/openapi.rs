//! The API, as a reviewed text: whatever changes in it shows up here.

#[test]
fn the_document() {
    insta::assert_snapshot!("openapi", web::openapi());
}
