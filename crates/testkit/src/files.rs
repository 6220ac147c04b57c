//! Model files: tiny files for tests that are not about files, and the models of `examples/tumour`.

use std::{fs, path::Path};

/// The files of a version where nothing depends on them.
pub const TINY: &[(&str, &[u8])] = &[("model.bin", b"tiny"), ("conf/labels.txt", b"benign\nmalignant\n"), ("empty", b"")];

/// The real models, by name: logistic regression, random forest and gradient boosting, each as ONNX.
pub fn example_models() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tumour");
    let mut models = Vec::new();
    for name in ["logistic-regression", "random-forest", "gradient-boosting"] {
        let file = folder.join(name).join("model.onnx");
        models.push((name.to_owned(), fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))));
    }
    models
}
