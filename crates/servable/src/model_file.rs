//! Which file of a version is the model.

/// The name of the model where a version has several ONNX files.
pub const MODEL: &str = "model.onnx";

/// Endings of files that hold a model in a form that no node loads, and what the form is.
const FOREIGN_ENDINGS: [(&str, &str); 12] = [
    (".pkl", "a pickle"),
    (".pickle", "a pickle"),
    (".joblib", "a pickle"),
    (".pt", "PyTorch"),
    (".pth", "PyTorch"),
    (".safetensors", "weights without a model"),
    (".h5", "Keras"),
    (".keras", "Keras"),
    (".pb", "TensorFlow"),
    (".tflite", "TensorFlow Lite"),
    (".ort", "ONNX Runtime's own format"),
    (".gguf", "GGUF"),
];

/// Why no file of a version is the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoModelFile {
    /// No file is ONNX by its name; the file that looks like a model in another form, if one does.
    None {
        /// The name of that file, and its form.
        foreign: Option<(String, &'static str)>,
    },
    /// Several files are ONNX by their names, and none of them is [`MODEL`].
    Several {
        /// How many.
        count: usize,
    },
}

impl std::fmt::Display for NoModelFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None { foreign: None } => {
                write!(f, "the version has no ONNX file: export the model as {MODEL}")
            }
            Self::None { foreign: Some((name, form)) } => {
                write!(f, "the version has no ONNX file, and {name} is {form}: export the model as {MODEL}")
            }
            Self::Several { count } => write!(f, "the version has {count} ONNX files: call one {MODEL}"),
        }
    }
}

impl std::error::Error for NoModelFile {}

/// The place of the model among these names of files: the only ONNX file, or the file [`MODEL`].
///
/// # Errors
/// When there is no ONNX file, or several of them and none has that name.
pub fn model_file<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<usize, NoModelFile> {
    let (mut models, mut foreign) = (Vec::new(), None);
    for (place, name) in names.into_iter().enumerate() {
        if name.ends_with(".onnx") {
            models.push((place, name));
        } else if foreign.is_none() {
            let form = FOREIGN_ENDINGS.iter().find(|(ending, _)| name.ends_with(ending));
            foreign = form.map(|(_, form)| (name.to_owned(), *form));
        }
    }
    match models.as_slice() {
        [] => Err(NoModelFile::None { foreign }),
        [(place, _)] => Ok(*place),
        several => {
            let named = several.iter().find(|(_, name)| *name == MODEL);
            named.map(|(place, _)| *place).ok_or(NoModelFile::Several { count: several.len() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NoModelFile, model_file};

    #[test]
    fn the_only_onnx_file_is_the_model_and_among_several_the_one_with_the_name() {
        assert_eq!(model_file(["README.md", "net.onnx"]), Ok(1));
        assert_eq!(model_file(["b/model.onnx"]), Ok(0));
        assert_eq!(model_file(["model.onnx", "other.onnx"]), Ok(0));
        assert_eq!(model_file(["a/model.onnx", "other.onnx"]), Err(NoModelFile::Several { count: 2 }));
    }

    #[test]
    fn without_an_onnx_file_the_foreign_model_is_named() {
        let refusal = |names: &[&str]| model_file(names.iter().copied()).unwrap_err().to_string();
        assert_eq!(refusal(&["README.md"]), "the version has no ONNX file: export the model as model.onnx");
        assert_eq!(refusal(&[]), "the version has no ONNX file: export the model as model.onnx");
        assert_eq!(
            refusal(&["README.md", "model.pkl", "model.pt"]),
            "the version has no ONNX file, and model.pkl is a pickle: export the model as model.onnx"
        );
    }
}
