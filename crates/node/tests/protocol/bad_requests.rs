//! Requests that disagree with the model or with themselves: each is told what was expected and what came.

use crate::{
    fake::{doubling, strings},
    scene::Scene,
};

const X: &str = r#"{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}"#;

#[tokio::test]
async fn inputs_are_held_against_the_signature() {
    let scene = Scene::of(doubling()).await;
    for (inputs, said) in [
        ("[]".to_owned(), "input `x` is missing: the model takes `x`"),
        (format!("[{X},{X}]"), "input `x` comes twice"),
        (format!("[{}]", X.replace("\"x\"", "\"y\"")), "the model has no input `y`; it takes `x`"),
        (format!("[{}]", X.replace("FP32", "FP64")), "input `x`: the model takes FP32, but FP64 came"),
        (format!("[{}]", X.replace("FP32", "float")), "there is no datatype `float`; there are BOOL"),
        (format!("[{}]", X.replace("[1,3]", "[3]")), "input `x`: the model takes shape [-1, 3] (-1 is any size), but [3] came"),
        (format!("[{}]", X.replace("[1,3]", "[3,1]")), "takes shape [-1, 3] (-1 is any size), but [3, 1] came"),
        (format!("[{}]", X.replace("[1,3]", "[2,3]")), "shape [2, 3] has 6 elements, but data has 3"),
        (format!("[{}]", X.replace("[1,3]", "[-1,3]")), "shape [-1, 3] has a negative size"),
        (format!("[{}]", X.replace("[1,3]", "[9223372036854775807,3]")), "has more elements than can be counted"),
        (format!("[{}]", X.replace("[1,3]", "[9223372036854775808,3]")), "invalid value"),
        (format!("[{}]", X.replace("[1,3]", "[1.0,3]")), "invalid type"),
        (format!("[{}]", X.replace("[1,2,3]", "[1,\"2\",3]")), "input `x`: element 1: FP32 is a number"),
        (format!("[{}]", X.replace("[1,2,3]", "[1,null,3]")), "input `x`: element 1: FP32 is a number"),
        (format!("[{}]", X.replace("[1,2,3]", "[[1,2],[3]]")), "nested data must have the form that the shape says"),
        (format!("[{}]", X.replace("[1,2,3]", "7")), "data is an array, not 7"),
        (format!("[{}]", X.replace(",\"data\":[1,2,3]", "")), "input `x`: it has no data"),
        (format!("[{}]", X.replace("\"datatype\":\"FP32\",", "")), "missing field `datatype`"),
    ] {
        let refused = scene.infer(&format!(r#"{{"inputs":{inputs}}}"#)).await.refused(400);
        assert!(refused.contains(said), "{inputs}: {refused}");
    }
}

#[tokio::test]
async fn outputs_are_held_against_the_signature() {
    let scene = Scene::of(doubling()).await;
    for (outputs, said) in [
        (r#"[{"name":"y"}]"#, "the model has no output `y`; it gives `doubled`, `count`"),
        (r#"[{"name":"count"},{"name":"count"}]"#, "output `count` is asked for twice"),
        (r#"[{"name":"count","parameters":{"classification":2}}]"#, "classification is not supported"),
        (r#"[{"name":"count","parameters":{"shared_memory_region":"r"}}]"#, "shared memory is not supported"),
        (r#"[{"name":"count","parameters":{"binary_data":"yes"}}]"#, "expected a boolean"),
        (r#"{"name":"count"}"#, "expected a list"),
    ] {
        let refused = scene.infer(&format!(r#"{{"inputs":[{X}],"outputs":{outputs}}}"#)).await.refused(400);
        assert!(refused.contains(said), "{outputs}: {refused}");
    }
}

/// The reader that serde derives takes the fields of an object in their order from an array.
#[tokio::test]
async fn an_array_is_no_object_at_any_depth() {
    let scene = Scene::of(doubling()).await;
    let values = r#"["x","FP32",[1,3],null,[1,2,3]]"#;
    for body in [
        format!(r#"[null,null,[{X}],null]"#),
        format!(r#"{{"inputs":[{values}]}}"#),
        format!(r#"{{"inputs":[{}]}}"#, X.replace("}", r#","parameters":[null,null]}"#)),
        format!(r#"{{"inputs":[{X}],"parameters":[true,null]}}"#),
        format!(r#"{{"inputs":[{X}],"outputs":[["count",null]]}}"#),
        format!(r#"{{"inputs":[{X}],"outputs":[{{"name":"count","parameters":[true,null,null]}}]}}"#),
    ] {
        let refused = scene.infer(&body).await.refused(400);
        assert!(refused.contains("expected an object"), "{body}: {refused}");
    }
    scene.infer(&format!(r#"{{"inputs":[{}]}}"#, X.replace("}", r#","parameters":{}}"#))).await.ok();
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let scene = Scene::of(doubling()).await;
    for (body, said) in [
        ("", "the body is not an inference request"),
        ("[]", "the body is not an inference request: invalid type: list, expected an object"),
        ("{}", "missing field `inputs`"),
        ("{\"inputs\":[", "the text ends in the middle of"),
        ("{\"inputs\":[],\"inputs\":[]}", "duplicate field `inputs`"),
        ("{\"inputs\":[],\"id\":7}", "expected a string"),
        ("{\"inputs\":[]} more", "trailing characters"),
        ("{\"inputs\":[],\"parameters\":{\"timeout\":-5}}", "invalid value"),
    ] {
        let refused = scene.infer(body).await.refused(400);
        assert!(refused.contains(said), "{body}: {refused}");
    }
    let refused = scene.infer_with(&[], b"{\"inputs\":\"\xff\"}").await.refused(400);
    assert!(refused.contains("the JSON is not UTF-8"), "{refused}");
}

/// Who writes a client need not know in which language the node is written.
#[tokio::test]
async fn no_message_speaks_rust() {
    let scene = Scene::of(doubling()).await;
    let x = |from: &str, to: &str| format!(r#"{{"inputs":[{}]}}"#, X.replace(from, to));
    for body in [
        "7".to_owned(),
        "[]".to_owned(),
        "{".to_owned(),
        r#"{"inputs":7}"#.to_owned(),
        r#"{"inputs":[7]}"#.to_owned(),
        r#"{"inputs":[],"parameters":{"timeout":"x"}}"#.to_owned(),
        x("[1,3]", "[\"a\"]"),
        x("[1,3]", "[1.5]"),
        x("[1,3]", "{}"),
        x("\"x\"", "7"),
        x("}", r#","parameters":{"binary_data_size":-1}}"#),
        x("}", r#","parameters":{"binary_data_size":"x"}}"#),
    ] {
        let refused = scene.infer(&body).await.refused(400);
        for word in ["struct", "i64", "u64", "usize", "Wire", "sequence", "map", "EOF"] {
            assert!(!refused.contains(word), "{body}: {refused}");
        }
    }
    for body in ["7", "[true]", r#"{"ready":1}"#] {
        let refused = scene.ask("POST", "/v2/repository/index", &[], body.as_bytes()).await.refused(400);
        assert!(!refused.contains("struct") && !refused.contains("Request"), "{refused}");
    }
}

/// As deep as it likes: in a place that is read, in one that is not, and in the data.
#[tokio::test]
async fn deep_nesting_is_no_danger() {
    let scene = Scene::of(doubling()).await;
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_objects = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let refused = scene.infer(&format!(r#"{{"inputs":[{}]}}"#, X.replace("[1,2,3]", &deep))).await.refused(400);
    assert!(refused.contains("nested"), "{refused}");
    for body in [
        deep.clone(),
        deep_objects.clone(),
        format!(r#"{{"inputs":{deep}}}"#),
        format!(r#"{{"inputs":[{X}],"parameters":{deep}}}"#),
    ] {
        scene.infer(&body).await.refused(400);
    }
    for ignored in [deep, deep_objects] {
        assert_eq!(
            scene.infer(&format!(r#"{{"inputs":[{X}],"more":{ignored}}}"#)).await.status,
            200,
            "what is ignored is ignored"
        );
    }
}

#[tokio::test]
async fn long_words_are_not_sent_back_whole() {
    let scene = Scene::of(strings()).await;
    let long = "ä".repeat(1_000_000);
    for body in [
        format!(r#"{{"inputs":[{{"name":"{long}","shape":[1],"datatype":"BYTES","data":["a"]}}]}}"#),
        format!(r#"{{"inputs":[{{"name":"text","shape":[1],"datatype":"{long}","data":["a"]}}]}}"#),
        format!(r#"{{"inputs":[{{"name":"text","shape":[{}1],"datatype":"BYTES","data":["a"]}}]}}"#, "1,".repeat(1_000_000)),
        format!(r#"{{"inputs":[],"outputs":[{{"name":"{long}"}}]}}"#),
    ] {
        let refused = scene.infer(&body).await.refused(400);
        assert!(refused.len() < 1000, "{} bytes", refused.len());
    }
}
