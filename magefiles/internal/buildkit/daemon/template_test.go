package daemon_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	toml "github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
)

func template(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "templates", "buildkit", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// object is as much of a Kubernetes object as the templates use; the names are those of its API reference.
type object struct {
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Metadata   metadata          `yaml:"metadata"`
	Data       map[string]string `yaml:"data"`
	Spec       yaml.Node         `yaml:"spec"`
}

type metadata struct {
	Name      string            `yaml:"name"`
	Namespace string            `yaml:"namespace"`
	Labels    map[string]string `yaml:"labels"`
}

type selector struct {
	MatchLabels map[string]string `yaml:"matchLabels"`
}

type service struct {
	ClusterIP string            `yaml:"clusterIP"`
	Selector  map[string]string `yaml:"selector"`
	Ports     []struct {
		Name       string `yaml:"name"`
		Port       int    `yaml:"port"`
		TargetPort string `yaml:"targetPort"`
	} `yaml:"ports"`
}

type budget struct {
	MaxUnavailable int      `yaml:"maxUnavailable"`
	Selector       selector `yaml:"selector"`
}

type statefulSet struct {
	ServiceName         string   `yaml:"serviceName"`
	Replicas            int      `yaml:"replicas"`
	PodManagementPolicy string   `yaml:"podManagementPolicy"`
	Selector            selector `yaml:"selector"`
	Template            struct {
		Metadata metadata `yaml:"metadata"`
		Spec     pod      `yaml:"spec"`
	} `yaml:"template"`
	VolumeClaimTemplates []struct {
		Metadata metadata `yaml:"metadata"`
		Spec     struct {
			AccessModes []string  `yaml:"accessModes"`
			Resources   resources `yaml:"resources"`
		} `yaml:"spec"`
	} `yaml:"volumeClaimTemplates"`
}

type resources struct {
	Requests map[string]string `yaml:"requests"`
	Limits   map[string]string `yaml:"limits"`
}

type pod struct {
	AutomountServiceAccountToken  *bool            `yaml:"automountServiceAccountToken"`
	TerminationGracePeriodSeconds int              `yaml:"terminationGracePeriodSeconds"`
	SecurityContext               security         `yaml:"securityContext"`
	Affinity                      map[string]any   `yaml:"affinity"`
	Containers                    []containerState `yaml:"containers"`
	Volumes                       []volume         `yaml:"volumes"`
}

type volume struct {
	Name      string `yaml:"name"`
	ConfigMap struct {
		Name string `yaml:"name"`
	} `yaml:"configMap"`
	Secret struct {
		SecretName  string `yaml:"secretName"`
		DefaultMode int    `yaml:"defaultMode"`
	} `yaml:"secret"`
}

type security struct {
	RunAsUser           int               `yaml:"runAsUser"`
	RunAsGroup          int               `yaml:"runAsGroup"`
	FSGroup             int               `yaml:"fsGroup"`
	FSGroupChangePolicy string            `yaml:"fsGroupChangePolicy"`
	SeccompProfile      map[string]string `yaml:"seccompProfile"`
	AppArmorProfile     map[string]string `yaml:"appArmorProfile"`
}

type probe struct {
	Exec struct {
		Command []string `yaml:"command"`
	} `yaml:"exec"`
	InitialDelaySeconds int `yaml:"initialDelaySeconds"`
	PeriodSeconds       int `yaml:"periodSeconds"`
	TimeoutSeconds      int `yaml:"timeoutSeconds"`
	FailureThreshold    int `yaml:"failureThreshold"`
}

type containerState struct {
	Name  string   `yaml:"name"`
	Image string   `yaml:"image"`
	Args  []string `yaml:"args"`
	Ports []struct {
		Name          string `yaml:"name"`
		ContainerPort int    `yaml:"containerPort"`
	} `yaml:"ports"`
	SecurityContext security  `yaml:"securityContext"`
	Resources       resources `yaml:"resources"`
	ReadinessProbe  probe     `yaml:"readinessProbe"`
	LivenessProbe   probe     `yaml:"livenessProbe"`
	Lifecycle       struct {
		PreStop probe `yaml:"preStop"`
	} `yaml:"lifecycle"`
	VolumeMounts []struct {
		Name      string `yaml:"name"`
		MountPath string `yaml:"mountPath"`
		SubPath   string `yaml:"subPath"`
		ReadOnly  bool   `yaml:"readOnly"`
	} `yaml:"volumeMounts"`
}

type certificate struct {
	IsCA       bool              `yaml:"isCA"`
	CommonName string            `yaml:"commonName"`
	SecretName string            `yaml:"secretName"`
	Duration   string            `yaml:"duration"`
	DNSNames   []string          `yaml:"dnsNames"`
	Usages     []string          `yaml:"usages"`
	PrivateKey map[string]any    `yaml:"privateKey"`
	IssuerRef  map[string]string `yaml:"issuerRef"`
}

// objects decodes a file strictly, by kind and name.
func objects(t *testing.T, name string) map[string]object {
	t.Helper()
	all := map[string]object{}
	decoder := yaml.NewDecoder(bytes.NewReader(template(t, name)))
	decoder.KnownFields(true)
	for {
		var o object
		err := decoder.Decode(&o)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if o.Kind != "Namespace" && o.Metadata.Namespace != "buildkit" {
			t.Errorf("%s %s is in namespace %q", o.Kind, o.Metadata.Name, o.Metadata.Namespace)
		}
		all[o.APIVersion+" "+o.Kind+" "+o.Metadata.Name] = o
	}
}

// spec decodes an object's spec strictly.
func spec[T any](t *testing.T, all map[string]object, name string) (s T) {
	t.Helper()
	o, ok := all[name]
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	data, err := yaml.Marshal(&o.Spec)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&s); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

// What one object of the pool says of another is true.
func TestKubernetesTemplateFitsTogether(t *testing.T) {
	all := objects(t, "buildkit.yaml")
	set := spec[statefulSet](t, all, "apps/v1 StatefulSet buildkit")
	headless := spec[service](t, all, "v1 Service buildkit")
	disruption := spec[budget](t, all, "policy/v1 PodDisruptionBudget buildkit")
	labels := fmt.Sprint(set.Template.Metadata.Labels)
	if fmt.Sprint(set.Selector.MatchLabels) != labels || fmt.Sprint(headless.Selector) != labels || fmt.Sprint(disruption.Selector.MatchLabels) != labels {
		t.Errorf("not all select the pods' labels %s", labels)
	}
	if headless.ClusterIP != "None" || set.ServiceName != "buildkit" || disruption.MaxUnavailable >= set.Replicas {
		t.Errorf("service %+v of %s, budget %+v", headless, set.ServiceName, disruption)
	}
	container := set.Template.Spec.Containers[0]
	if container.Image != "moby/buildkit:"+daemon.Version+"-rootless" {
		t.Errorf("the image is %s, the client library's release %s", container.Image, daemon.Version)
	}
	if headless.Ports[0].TargetPort != container.Ports[0].Name || headless.Ports[0].Port != 1234 || container.Ports[0].ContainerPort != 1234 {
		t.Errorf("ports %+v and %+v", headless.Ports, container.Ports)
	}
	volumes := map[string]bool{set.VolumeClaimTemplates[0].Metadata.Name: true}
	for _, v := range set.Template.Spec.Volumes {
		volumes[v.Name] = true
		if v.ConfigMap.Name != "" && all["v1 ConfigMap "+v.ConfigMap.Name].Data["buildkitd.toml"] == "" {
			t.Errorf("there is no ConfigMap %s", v.ConfigMap.Name)
		}
	}
	for _, m := range container.VolumeMounts {
		if !volumes[m.Name] {
			t.Errorf("mount %+v has no volume", m)
		}
	}
	for name, p := range map[string]probe{"readiness": container.ReadinessProbe, "liveness": container.LivenessProbe, "preStop": container.Lifecycle.PreStop} {
		if len(p.Exec.Command) == 0 {
			t.Errorf("%s has no command", name)
		}
	}
	for i := range set.Replicas {
		if address := fmt.Sprintf("tcp://buildkit-%d.buildkit.buildkit.svc:1234", i); !strings.Contains(string(template(t, "README.md")), address) {
			t.Errorf("the README does not name %s", address)
		}
	}
}

// daemonConfig is as much of buildkitd.toml as the template uses (buildkit, docs/buildkitd.toml.md).
type daemonConfig struct {
	GRPC struct {
		Address []string          `toml:"address"`
		TLS     map[string]string `toml:"tls"`
	} `toml:"grpc"`
	History struct {
		MaxEntries *int `toml:"maxEntries"`
	} `toml:"history"`
	Worker struct {
		Containerd struct {
			Enabled bool `toml:"enabled"`
		} `toml:"containerd"`
		OCI struct {
			Enabled          bool              `toml:"enabled"`
			Rootless         bool              `toml:"rootless"`
			NoProcessSandbox bool              `toml:"noProcessSandbox"`
			GC               bool              `toml:"gc"`
			MaxParallelism   int               `toml:"max-parallelism"`
			Labels           map[string]string `toml:"labels"`
			GCPolicy         []struct {
				All           bool   `toml:"all"`
				ReservedSpace string `toml:"reservedSpace"`
				MaxUsedSpace  string `toml:"maxUsedSpace"`
				MinFreeSpace  string `toml:"minFreeSpace"`
			} `toml:"gcpolicy"`
		} `toml:"oci"`
	} `toml:"worker"`
}

// The daemons' configuration has only what buildkitd knows, and what stands in it fits the pod.
func TestKubernetesDaemonsConfiguration(t *testing.T) {
	all := objects(t, "buildkit.yaml")
	decoder := toml.NewDecoder(strings.NewReader(all["v1 ConfigMap buildkitd"].Data["buildkitd.toml"]))
	decoder.DisallowUnknownFields()
	var c daemonConfig
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	daemon := spec[statefulSet](t, all, "apps/v1 StatefulSet buildkit").Template.Spec.Containers[0]
	cpus := daemon.Resources.Requests["cpu"]
	if fmt.Sprint(c.Worker.OCI.MaxParallelism) != cpus || c.Worker.OCI.Labels["com.github.xiilab.astrago-ci.cpus"] != cpus {
		t.Errorf("%s CPUs, but %d steps at once and labels %v", cpus, c.Worker.OCI.MaxParallelism, c.Worker.OCI.Labels)
	}
	if !slices.Contains(c.GRPC.Address, "tcp://0.0.0.0:1234") || c.GRPC.TLS["ca"] == "" || c.GRPC.TLS["cert"] == "" || c.GRPC.TLS["key"] == "" {
		t.Errorf("the port has no mutual TLS: %+v", c.GRPC)
	}
	if c.History.MaxEntries == nil || *c.History.MaxEntries != 0 || len(c.Worker.OCI.GCPolicy) != 1 || !c.Worker.OCI.GC {
		t.Errorf("history %+v, gc %+v", c.History, c.Worker.OCI.GCPolicy)
	}
}

func TestKubernetesCertificates(t *testing.T) {
	all := objects(t, "certificates.yaml")
	daemon := spec[certificate](t, all, "cert-manager.io/v1 Certificate buildkit-daemon")
	client := spec[certificate](t, all, "cert-manager.io/v1 Certificate buildkit-client")
	authority := spec[certificate](t, all, "cert-manager.io/v1 Certificate buildkit-ca")
	if !slices.Contains(daemon.DNSNames, "*.buildkit.buildkit.svc") || !slices.Equal(daemon.Usages, []string{"server auth"}) || !slices.Equal(client.Usages, []string{"client auth"}) {
		t.Errorf("daemon %+v, client %+v", daemon, client)
	}
	issuer := spec[struct {
		CA struct {
			SecretName string `yaml:"secretName"`
		} `yaml:"ca"`
	}](t, all, "cert-manager.io/v1 Issuer buildkit")
	if !authority.IsCA || issuer.CA.SecretName != authority.SecretName || daemon.IssuerRef["name"] != "buildkit" || client.IssuerRef["name"] != "buildkit" {
		t.Errorf("authority %+v, issuer %+v", authority, issuer)
	}
	set := spec[statefulSet](t, objects(t, "buildkit.yaml"), "apps/v1 StatefulSet buildkit")
	if !slices.ContainsFunc(set.Template.Spec.Volumes, func(v volume) bool {
		return v.Secret.SecretName == daemon.SecretName
	}) {
		t.Error("the daemons do not mount their certificate")
	}
}
