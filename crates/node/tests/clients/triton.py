"""Triton's HTTP client against a node: URL MODEL EXPECTED. Prints what it did; ends with a traceback where anything differs."""

import common
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException


def inputs(expected, binary):
    for tensor in expected["inputs"]:
        entry = InferInput(tensor["name"], tensor["shape"], tensor["datatype"])
        yield entry.set_data_from_numpy(common.array(tensor), binary_data=binary)


def refused(call, *said):
    try:
        call()
    except InferenceServerException as error:
        assert all(word in str(error) for word in said), error
    else:
        raise AssertionError(f"this was answered, but should say {said}")


def main():
    url, model, expected = common.arguments()
    client = InferenceServerClient(url.removeprefix("http://"))
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(model)
    assert not client.is_model_ready("nobody-has-this")
    server = client.get_server_metadata()
    assert server["name"] and "binary_tensor_data" in server["extensions"], server
    metadata = client.get_model_metadata(model)
    version = metadata["versions"][0]
    assert client.is_model_ready(model, version)
    for kind in ("inputs", "outputs"):
        declared = {entry["name"]: entry["datatype"] for entry in metadata[kind]}
        assert declared == {tensor["name"]: tensor["datatype"] for tensor in expected[kind]}, (declared, kind)
    config = client.get_model_config(model)
    assert config["name"] == model and len(config["input"]) == len(expected["inputs"]), config
    index = client.get_model_repository_index()
    assert {"name": model, "version": version, "state": "READY", "reason": ""} in index, index

    outputs = [tensor["name"] for tensor in expected["outputs"]]
    binary = [InferRequestedOutput(name) for name in outputs]
    plain = [InferRequestedOutput(name, binary_data=False) for name in outputs]
    for what, data, options in [
        ("defaults", True, {}),
        ("binary", True, {"outputs": binary}),
        ("JSON", False, {"outputs": plain}),
        ("binary in, JSON out", True, {"outputs": plain}),
        ("JSON in, binary out", False, {"outputs": binary}),
        ("gzip request", True, {"request_compression_algorithm": "gzip"}),
        ("gzip JSON request", False, {"request_compression_algorithm": "gzip", "outputs": plain}),
        ("deflate request", True, {"request_compression_algorithm": "deflate"}),
        ("gzip response", True, {"response_compression_algorithm": "gzip"}),
        ("gzip both", False, {"request_compression_algorithm": "gzip", "response_compression_algorithm": "gzip"}),
        ("version", True, {"model_version": version}),
        ("id, sticky and timeout", True, {"request_id": "seven", "headers": {"countersign-sticky": "me"}, "timeout": 5_000_000}),
    ]:
        result = client.infer(model, list(inputs(expected, data)), **options)
        response = result.get_response()
        assert response["model_name"] == model and response["model_version"] == options.get("model_version", version), response
        assert response.get("id", "") == options.get("request_id", ""), response
        for tensor in expected["outputs"]:
            assert result.get_output(tensor["name"])["shape"] == tensor["shape"], what
            common.same(tensor, result.as_numpy(tensor["name"]))

    stats = client.get_inference_statistics(model)["model_stats"]
    assert [(one["name"], one["version"]) for one in stats] == [(model, version)], stats
    assert stats[0]["inference_stats"]["success"]["count"] == stats[0]["inference_count"] > 0, stats
    assert client.get_inference_statistics(model, version)["model_stats"][0]["version"] == version
    assert model in [one["name"] for one in client.get_inference_statistics()["model_stats"]]

    refused(lambda: client.infer("nobody-has-this", list(inputs(expected, True))), "404", "no service")
    refused(lambda: client.infer(model, list(inputs(expected, True)), model_version="999"), "404", "not in service")
    refused(lambda: client.infer(model, list(inputs(expected, True))[1:]), "400", "is missing")
    refused(lambda: client.infer(model, list(inputs(expected, True)), outputs=[InferRequestedOutput("no-such")]), "400", "no output")
    refused(lambda: client.load_model(model), "403", "gate")
    refused(lambda: client.unload_model(model), "403", "gate")
    print("tritonclient: metadata, config, index, statistics, 12 kinds of prediction, errors")


main()
