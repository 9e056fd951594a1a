"""The manifests are valid, fit each other, and say what the program holds to."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamrnn.build import STOP_SECONDS
from streamrnn.configuration import load
from tests.deploy.dockerfile import stages_of, variables_of
from tests.deploy.image import DOCKERFILE, ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
CUSTOM = {"monitoring.coreos.com/v1": "ServiceMonitor", "keda.sh/v1alpha1": "ScaledObject"}
CONFIGURATION = FOLDER / "base" / "streamrnn.toml"


def kustomization(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FOLDER / name / "kustomization.yaml").read_text())
    return read


def manifests(name: str) -> dict[str, dict[str, Any]]:
    """Return what a kustomization names, by kind, as the files have it."""
    found: dict[str, dict[str, Any]] = {}
    for resource in kustomization(name)["resources"]:
        path = FOLDER / name / resource
        if path.is_dir():
            found |= manifests(f"{name}/{resource}")
        else:
            manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
            found[manifest["kind"]] = manifest
    return found


ALL = manifests("scaled")
DEPLOYMENT = ALL["Deployment"]["spec"]
POD = DEPLOYMENT["template"]["spec"]
(LEARNER,) = POD["containers"]
CONTAINERS = [*POD["initContainers"], LEARNER]
BUILT_IN = [kind for kind, manifest in ALL.items() if manifest["apiVersion"] not in CUSTOM]
IMAGE = stages_of(DOCKERFILE)[-1]


def test_each_file_is_named_and_each_that_is_named_is_there() -> None:
    for name in ("base", "scaled"):
        kustomized = kustomization(name)
        named = [part for part in kustomized["resources"] if part.endswith(".yaml")]
        named += [f for one in kustomized.get("configMapGenerator", []) for f in one["files"]]
        there = {path.name for path in (FOLDER / name).iterdir()}
        assert there == {"kustomization.yaml", *named}
        assert len(named) == len(set(named))
    assert (FOLDER / "scaled" / "../base").resolve() == (FOLDER / "base").resolve()
    assert len(ALL) == 5


def test_each_built_in_kind_is_valid(tmp_path: Path) -> None:
    files = []
    for kind in BUILT_IN:
        file = tmp_path / f"{kind}.yaml"
        file.write_text(yaml.safe_dump(ALL[kind]), encoding="utf-8")
        files.append(str(file))
    assert len(files) == 3
    check = [sys.executable, "-m", "kubernetes_validate", "--strict", "--quiet"]
    subprocess.run([*check, *files], check=True)


def test_no_other_kind_is_left_unchecked() -> None:
    others = {m["apiVersion"]: kind for kind, m in ALL.items() if kind not in BUILT_IN}
    assert others == CUSTOM


def test_whoever_selects_pods_selects_these() -> None:
    labels = DEPLOYMENT["template"]["metadata"]["labels"]
    spread = POD["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"]
    budget = ALL["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"]
    service = ALL["Service"]["spec"]["selector"]
    assert labels == DEPLOYMENT["selector"]["matchLabels"] == spread == budget == service


def test_the_monitor_selects_the_service_and_its_port() -> None:
    monitor, service = ALL["ServiceMonitor"]["spec"], ALL["Service"]
    assert set(monitor) == {"selector", "endpoints"}
    assert monitor["selector"]["matchLabels"] == service["metadata"]["labels"]
    (endpoint,) = monitor["endpoints"]
    (port,) = service["spec"]["ports"]
    assert endpoint["port"] == port["name"]
    assert endpoint["path"] == "/metrics"
    (own,) = LEARNER["ports"]
    assert port["targetPort"] == own["name"]
    assert [str(own["containerPort"])] == IMAGE.text_of("EXPOSE")


def test_the_scaler_watches_the_lag_of_what_is_run() -> None:
    scaler = ALL["ScaledObject"]["spec"]
    keys = {"scaleTargetRef", "minReplicaCount", "maxReplicaCount", "advanced", "triggers"}
    assert set(scaler) == keys
    assert scaler["scaleTargetRef"] == {"name": ALL["Deployment"]["metadata"]["name"]}
    assert 1 <= scaler["minReplicaCount"] <= scaler["maxReplicaCount"]
    (trigger,) = scaler["triggers"]
    assert trigger["type"] == "kafka"
    configuration = load(CONFIGURATION, environment=environment())
    about = trigger["metadata"]
    assert all(isinstance(value, str) for value in about.values())
    assert about["consumerGroup"] == configuration.group
    assert about["topic"] == configuration.input.topic
    assert about["bootstrapServers"] == configuration.kafka.bootstrap_servers
    assert int(about["lagThreshold"]) > 0
    (patch,) = kustomization("scaled")["patches"]
    assert yaml.safe_load(patch["patch"]) == [{"op": "remove", "path": "/spec/replicas"}]
    assert "replicas" in DEPLOYMENT


def environment() -> dict[str, str]:
    """Return the variables of the image and those that the deployment writes down."""
    given: dict[str, str] = {}
    for text in IMAGE.text_of("ENV"):
        given |= variables_of(text, {"PATH": "/bin"})
    written = {v["name"]: v["value"] for v in LEARNER["env"] if "value" in v}
    return given | written | {"STREAMRNN_KAFKA__INSTANCE": "streamrnn-5d9c7b8f6d-x2x4z"}


def test_the_configuration_is_right_with_the_variables_and_lies_where_it_is_looked_for() -> None:
    configuration = load(CONFIGURATION, environment=environment())
    assert configuration.kafka.instance == "streamrnn-5d9c7b8f6d-x2x4z"
    assert (configuration.metrics.host, configuration.metrics.port) == ("0.0.0.0", 9464)
    (generated,) = kustomization("base")["configMapGenerator"]
    volumes = {volume["name"]: volume for volume in POD["volumes"]}
    assert volumes["configuration"]["configMap"]["name"] == generated["name"]
    places = {mount["name"]: mount["mountPath"] for mount in LEARNER["volumeMounts"]}
    assert set(places) == set(volumes)
    wanted = Path(environment()["STREAMRNN_CONFIG"])
    assert wanted == Path(places["configuration"]) / generated["files"][0]
    assert places["kernels"] == environment()["NUMBA_CACHE_DIR"]


def test_the_kernels_of_the_image_are_copied_to_where_they_are_looked_for() -> None:
    (copier,) = POD["initContainers"]
    (mount,) = copier["volumeMounts"]
    assert copier["command"][2:] == [f"{environment()['NUMBA_CACHE_DIR']}/.", mount["mountPath"]]
    assert mount["name"] == "kernels"


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: str(container["name"]))
def test_each_container_can_do_no_more_than_it_must(container: dict[str, Any]) -> None:
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])
    assert "memory" in container["resources"]["limits"]
    (named,) = kustomization("base")["images"]
    assert container["image"] == named["name"]
    assert named["newTag"] == version("streamrnn")


def test_the_pod_runs_as_the_user_of_the_image() -> None:
    context = POD["securityContext"]
    assert context["runAsNonRoot"] is True
    assert [f"{context['runAsUser']}:{context['runAsGroup']}"] == IMAGE.text_of("USER")
    assert context["fsGroup"] == context["runAsGroup"]


def test_a_pod_is_given_the_time_that_start_and_stop_take() -> None:
    assert POD["terminationGracePeriodSeconds"] > STOP_SECONDS
    startup = LEARNER["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 120
    probes = {name: LEARNER[name]["httpGet"]["path"] for name in LEARNER if name.endswith("Probe")}
    assert probes == {
        "startupProbe": "/healthz",
        "livenessProbe": "/healthz",
        "readinessProbe": "/readyz",
    }
