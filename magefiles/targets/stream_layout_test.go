package targets_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// lab is an environment in which two services set one value.
const lab = "lab"

var everywhere = append(slices.Clip(environments), lab)

// contends reports whether a service deploys to the lab.
func contends(service string) bool { return service != "worker" }

// contender is the component of which a service's image stands in the contended value.
func contender(service string) string { return components[service][0] }

// shared reports whether a service has one value for all of its components.
func shared(service string) bool { return service == "worker" }

// pins reports whether a digest is set beside the tag.
func pins(u unit) bool { return u.service == "frontend" && u.environment != lab }

const (
	noDigest  = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
	contended = "edge-lab-00000000"
	labValues = "edge:\n  imageTag: " + contended + "  # of the newest\n" +
		"batch: { imageTag: batch-lab-00000000 }\n" +
		"monitor:\n  imageTag: 'monitor-lab-00000000'\nreplicas: {core: 2}"
	workerConfig = "version: 1\nservice: worker\nload: none\n" +
		"tag: 'worker-{{ .Environment }}-{{ .ShortSHA }}'\ncomponents:\n" +
		"  api: { image: REGISTRY-api, dockerfile: docker/api/Dockerfile }\n" +
		"  jobs: { image: REGISTRY-jobs, dockerfile: docker/jobs/Dockerfile }\n"
)

// firstValues are an environment's file before anything was released.
func (s *stream) firstValues(environment string) string {
	if environment == lab {
		return labValues
	}
	text := strings.NewReplacer("'frontend-stage-00000000'", "'frontend-stage-00000000'\n      digest: "+noDigest,
		"replicas:", "worker: { imageTag: worker-stage-00000000 } # api, jobs\nreplicas:").Replace(s.initial())
	return strings.ReplaceAll(text, "-stage-", "-"+environment+"-")
}

// valuesOf are an environment's file as the model has it.
func (s *stream) valuesOf(m moment, environment string) string {
	text := s.firstValues(environment)
	for _, service := range services {
		u := unit{service, environment}
		for component, r := range m.units[u].deployed {
			if r <= 0 {
				continue
			}
			now := s.tag(component, environment, r)
			text = strings.Replace(text, s.value(component, environment, 0), now, 1)
			if pins(u) {
				text = strings.Replace(text, noDigest, s.digestOf(component, now), 1)
			}
		}
	}
	return replicasOfCore.ReplaceAllString(text, fmt.Sprintf("replicas: {core: %d", m.replicas[environment]))
}

// value is what a component's value is in an environment: the tag of its image, or what stood there before.
func (s *stream) value(component, environment string, r revision) string {
	if r == 0 && environment == lab && component == contender(serviceOf(component)) {
		return contended
	}
	return s.tag(component, environment, r)
}

// set is what a service says in its configuration of an environment's values.
func set(u unit) string {
	switch {
	case u.environment == lab && u.service == "backend":
		return `'.{{ if eq .Component "core" }}edge{{ else }}{{ .Component }}{{ end }}.imageTag = "{{ .Tag }}"'`
	case u.environment == lab:
		return `'.edge.imageTag = "{{ .Tag }}"'`
	case shared(u.service):
		return `'.worker.imageTag = "{{ .Tag }}"'`
	case pins(u):
		return `['.shop.frontend.imageTag = "{{ .Tag }}"', '.shop.frontend.digest = "{{ .Digest }}"']`
	}
	return `'.shop.{{ .Component }}.imageTag = "{{ .Tag }}"'`
}

// environmentsOf are a service's in its configuration.
func (s *stream) environmentsOf(service string) string {
	text := "environments:\n"
	for _, environment := range everywhere {
		u := unit{service, environment}
		if environment == lab && !contends(service) {
			continue
		}
		text += "  " + environment + ":\n"
		switch environment {
		case "stage":
			text += "    branches: [" + example.Branch + "]\n"
		case "prod":
			text += "    from: stage\n"
		}
		if untilLift(u) {
			text += "    hold: { until: lift }\n"
		}
		text += "    deploy:\n"
		if byREST(service) {
			text += "      api: rest\n"
		}
		if s.policies[u] != setAll {
			text += "      unchanged: keep\n"
		}
		text += fmt.Sprintf("      repository: %s\n      branch: %s\n      file: %s\n      set: %s\n",
			example.Deployment, example.Branch, valuesPath(environment), set(u))
	}
	return text
}

// belongsToOther reports whether another service has set the contended value last, though it is nobody's build now.
func (m moment) belongsToOther(o *operation) bool {
	c := contender(o.service)
	sets := slices.Contains(o.chosen(), c) && (o.kind == release || o.kind == rollback)
	return o.environment == lab && sets && m.units[o.unit].deployed[c] == 0 && m.edge != "" && m.edge != o.service
}

// contend returns the contended value to the operation's service, where that has changed it.
func (m *moment) contend(o *operation, before map[string]revision) {
	c := contender(o.service)
	if o.environment != lab || m.units[o.unit].deployed[c] == before[c] {
		return
	}
	m.edge = o.service
	for _, service := range services {
		if u := (unit{service, lab}); u != o.unit && contends(service) {
			others := m.units[u].clone()
			others.deployed[contender(service)] = -m.units[o.unit].deployed[c]
			m.units[u] = others
		}
	}
}
