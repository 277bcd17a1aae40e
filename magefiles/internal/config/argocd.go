package config

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// defaultArgoCDTimeout is the default of argocd.timeout.
const defaultArgoCDTimeout = 5 * time.Minute

// ArgoCD names an application that deploys an environment.
type ArgoCD struct {
	Application string
	Project     string        // optional; lets Argo CD tell "does not exist" from "may not be seen"
	Namespace   string        // of the application; "" is Argo CD's own
	Server      string        // host[:port] or URL; "" is ARGOCD_SERVER
	Timeout     time.Duration // for how long it is waited for
	Auth        ArgoCDAuth    // by what a workflow signs in
	Connector   string        // of its Dex, that takes a workflow's identity
	Audience    string        // that the identity is for; "" is the server's address
}

// ArgoCDAuth is by what a workflow signs in to Argo CD.
type ArgoCDAuth string

// The ways to sign in.
const (
	ArgoCDToken ArgoCDAuth = "token" // ARGOCD_AUTH_TOKEN
	ArgoCDOIDC  ArgoCDAuth = "oidc"  // the workflow's own identity
)

func decodeArgoCD(d *yamlschema.Decoder, v yamlschema.Value, others []ArgoCD) ArgoCD {
	a := ArgoCD{}
	seen := d.Mapping(v.Node, v,
		yamlschema.Required("application", "Name of the application, or namespace/name.", d.String(&a.Application, grammar.KubernetesName)),
		yamlschema.Optional("project", "Project of the application; lets Argo CD tell \"does not exist\" from \"may not be seen\".", "none",
			d.String(&a.Project, plainKubernetesName)),
		yamlschema.Optional("namespace", "Namespace of the application.", "Argo CD's own", d.String(&a.Namespace, plainKubernetesName)),
		yamlschema.Optional("server", "Argo CD's address, host[:port] or a URL; ARGOCD_SERVER overrides it.", "ARGOCD_SERVER",
			d.String(&a.Server, serverAddress)),
		yamlschema.Optional("timeout", "For how long it is waited for, a number with its unit from 1s to 24h, e.g. 90s, 5m or 1h30m.", "5m",
			decodeDuration(d, &a.Timeout)),
		yamlschema.Optional("auth", "By what a workflow signs in: ARGOCD_AUTH_TOKEN, or its identity of GitHub (OpenID Connect).", "token",
			yamlschema.Choice(d, &a.Auth, ArgoCDToken, ArgoCDOIDC)),
		yamlschema.Optional("connector", "For auth: oidc, the id of the connector in Argo CD's dex.config.", "github-actions",
			d.String(&a.Connector, connectorID)),
		yamlschema.Optional("audience", "For auth: oidc, what the identity is for.", "Argo CD's address", d.String(&a.Audience, audience)),
	)
	for _, name := range []string{"connector", "audience"} {
		if seen[name] && a.Auth != ArgoCDOIDC {
			d.ReportAt(v.Node, "write `auth: oidc` beside it, or remove it", "%s.%s has no effect on tokens", v.Path, name)
		}
	}
	// An application outside Argo CD's own namespace may also be named namespace/name, as Argo CD's own client does.
	if namespace, name, ok := strings.Cut(a.Application, "/"); ok {
		if seen["namespace"] {
			d.ReportAt(v.Node, "remove one of the two", "%s.application and %s.namespace both name a namespace", v.Path, v.Path)
		}
		a.Namespace, a.Application = namespace, name
	}
	same := func(o ArgoCD) bool {
		return o.Application == a.Application && o.Namespace == a.Namespace && o.Server == a.Server
	}
	if a.Application != "" && slices.ContainsFunc(others, same) {
		d.ReportAt(v.Node, "name each application once", "%s names the application %q, which is named above", v.Path, a.Application)
	}
	return a
}

var plainKubernetesName = yamlschema.Matching("Kubernetes name", `[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?`,
	"lower-case letters, digits, `-` and `.`, with a letter or digit at both ends")

var connectorID = yamlschema.Matching("connector id", `[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?`,
	"letters, digits, `.`, `_` and `-`, with a letter or digit at both ends")

var audience = yamlschema.Matching("audience", `[A-Za-z0-9][A-Za-z0-9._:/~-]{0,254}`, "letters, digits and `.`, `_`, `:`, `/`, `~`, `-`")

var serverAddress = yamlschema.Matching("server address",
	`(?:https?://)?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/-]*)?`,
	"a host with or without a port, or a URL, e.g. argocd.example.com or https://argocd.example.com:8443")

// longestWait bounds durations: what is longer is a mistake.
const longestWait = 24 * time.Hour

// decodeDuration decodes a duration in Go's notation.
func decodeDuration(d *yamlschema.Decoder, into *time.Duration) yamlschema.Decode {
	check := func(s string) (string, *yamlschema.Flaw) {
		parsed, err := time.ParseDuration(s)
		if err != nil || parsed < time.Second || parsed > longestWait {
			return "", yamlschema.Flawf("write a number with its unit, from 1s to 24h, e.g. 90s, 5m or 1h30m",
				"is %q, which is not a time to wait", s)
		}
		*into = parsed
		return s, nil
	}
	return func(v yamlschema.Value) {
		if v.Kind == yaml.ScalarNode && v.ShortTag() == "!!int" { // what is missing is not quotes
			_, flaw := check(v.Value + " ")
			d.ReportAt(v.Node, flaw.Remedy, "%s is %s, without a unit", v.Path, v.Value)
			return
		}
		d.StringValue(v, yamlschema.Grammar{Expression: `^[0-9.]+[a-zµμ]+(?:[0-9.]+[a-zµμ]+)*$`, Check: check})
	}
}
