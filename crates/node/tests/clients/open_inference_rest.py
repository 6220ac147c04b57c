"""The client generated from the protocol's OpenAPI document against a node: URL MODEL EXPECTED. Ends with a traceback where
anything differs."""

import common
from open_inference.openapi import errors
from open_inference.openapi.client import OpenInferenceClient
from open_inference.openapi.core.api_error import ApiError
from open_inference.openapi.types import InferenceRequest, RequestInput, RequestOutput


def refused(call, kind, said):
    try:
        call()
    except kind as error:
        assert said in str(error.body), error.body
    else:
        raise AssertionError(f"this was answered, but should say {said}")


def main():
    url, model, expected = common.arguments()
    client = OpenInferenceClient(base_url=url)
    client.check_server_liveness()
    client.check_server_readiness()
    client.check_model_readiness(model)
    assert client.read_server_metadata().name
    metadata = client.read_model_metadata(model)
    version = metadata.versions[0]
    assert metadata.name == model and client.read_model_version_metadata(model, version).inputs == metadata.inputs
    client.check_model_version_readiness(model, version)
    inputs = [RequestInput(**{key: tensor[key] for key in ("name", "shape", "datatype", "data")}) for tensor in expected["inputs"]]
    outputs = [RequestOutput(name=tensor["name"]) for tensor in expected["outputs"]]
    request = InferenceRequest(id="seven", inputs=inputs, outputs=outputs)
    for response in (client.model_infer(model, request=request), client.model_version_infer(model, version, request=request)):
        assert response.model_name == model and response.model_version == version and response.id == "seven"
        for tensor, got in zip(expected["outputs"], response.outputs, strict=True):
            assert (got.name, got.shape, got.datatype) == (tensor["name"], tensor["shape"], tensor["datatype"])
            common.same(tensor, [common.number(value) for value in got.data.__root__] if tensor["datatype"].startswith("FP") else got.data.__root__)
    without = InferenceRequest(inputs=[])
    refused(lambda: client.model_infer(model, request=without), errors.BadRequestError, "is missing")
    refused(lambda: client.model_infer("nobody-has-this", request=request), ApiError, "no service")
    print("open-inference-openapi: metadata, ready, predictions, errors")


main()
