//! Whose operators a model may use. A node runs what is in the library of ONNX Runtime that the operator of the node pinned, and what
//! a model makes of those; other people's code never.

/// Whose operators a model may use. Functions that a model defines for itself are allowed everywhere, since they are made of operators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OperatorRule {
    /// Those of the ONNX standard and those that ONNX Runtime brings.
    #[default]
    Library,
    /// Those of the ONNX standard only.
    Standard,
}

/// The domains of the ONNX standard.
const STANDARD: [&str; 3] = ["", "ai.onnx", "ai.onnx.ml"];
/// The domains of ONNX Runtime's own operators; the second is in models that were saved after the library optimised them.
const LIBRARY: [&str; 2] = ["com.microsoft", "com.microsoft.nchwc"];

/// Operators of `com.microsoft` that run code which neither the library nor the model's file contains.
const FOREIGN_CODE: [(&str, &str); 8] = [
    ("PythonOp", PYTHON),
    ("PythonOpGrad", PYTHON),
    ("PyOp", PYTHON),
    ("ATen", PYTHON),
    ("TritonOp", PYTHON),
    ("ExternalOp", PYTHON),
    ("EPContext", "which holds a program for one kind of accelerator: deploy the model from which it was compiled"),
    ("Snpe", "which holds a program for one kind of accelerator: deploy the model from which it was compiled"),
];
const PYTHON: &str = "which calls code outside of the model: export the model with operators of ONNX alone";

/// Why a model may not use this operator; none if it may.
pub fn refusal(rule: OperatorRule, domain: &str, operator: &str) -> Option<String> {
    let because = if STANDARD.contains(&domain) {
        return None;
    } else if LIBRARY.contains(&domain) {
        match FOREIGN_CODE.iter().find(|(name, _)| *name == operator) {
            Some((_, because)) => *because,
            None if rule == OperatorRule::Library => return None,
            None => {
                "which is ONNX Runtime's own, and this node runs those of ONNX itself only (--operators standard): export the model \
                 without the optimisations of ONNX Runtime, and quantised models in the form QDQ"
            }
        }
    } else if domain.starts_with("ai.onnx.contrib") || domain.starts_with("com.microsoft.extensions") {
        "which a library beside ONNX Runtime brings (onnxruntime-extensions), and a node loads no such library: do that step before or \
         after the model"
    } else if domain.contains("training") {
        "which is for training: export the model for inference"
    } else {
        "which is neither ONNX's nor ONNX Runtime's: export the model with operators of ONNX (ai.onnx, ai.onnx.ml), or define the \
         operator in the model as a function"
    };
    Some(format!("it uses the operator `{operator}` of `{domain}`, {because}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_names_the_operator_and_what_helps() {
        for (domain, operator, help) in [
            ("com.microsoft", "PythonOp", "operators of ONNX alone"),
            ("com.microsoft", "EPContext", "from which it was compiled"),
            ("ai.onnx.contrib", "StringRegexReplace", "before or after the model"),
            ("ai.onnx.preview.training", "Adam", "for inference"),
            ("com.example", "Inverse", "as a function"),
            ("com.microsoft.other", "X", "as a function"),
        ] {
            let refusal = refusal(OperatorRule::Library, domain, operator).unwrap();
            assert!(refusal.contains(&format!("`{operator}` of `{domain}`")) && refusal.contains(help), "{refusal}");
        }
    }

    #[test]
    fn the_library_is_allowed_unless_the_rule_restricts() {
        for rule in [OperatorRule::Library, OperatorRule::Standard] {
            assert!(STANDARD.iter().all(|domain| refusal(rule, domain, "Gemm").is_none()));
        }
        for domain in LIBRARY {
            assert_eq!(refusal(OperatorRule::Library, domain, "QGemm"), None);
            let refusal = refusal(OperatorRule::Standard, domain, "QGemm").unwrap();
            assert!(refusal.contains("--operators standard") && refusal.contains("QDQ"), "{refusal}");
        }
    }
}
