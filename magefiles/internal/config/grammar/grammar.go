// Package grammar has the grammars of the values in astrago.yaml: what each may be, and what to write instead.
package grammar

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// The grammars that one regular expression says.
var (
	Name = yamlschema.Matching("name", `[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?`,
		"lower-case letters, digits, `-`, `_` and `.`, with a letter or digit at both ends")
	Variable = yamlschema.Matching("variable name", `[A-Za-z_][A-Za-z0-9_]*`,
		"letters, digits and `_`, not beginning with a digit")
	SecretID = yamlschema.Matching("secret id", `[A-Za-z0-9][A-Za-z0-9._-]*`,
		"letters, digits, `.`, `_` and `-`, as in RUN --mount=type=secret,id=…")
	LabelKey = yamlschema.Matching("label name", `[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?`,
		"letters, digits, `.`, `_`, `/` and `-`, e.g. com.example.team")
	Stage = yamlschema.Matching("stage", `[A-Za-z0-9][A-Za-z0-9._-]*`,
		"the name or number of a stage, as in FROM … AS name")
	Platform = yamlschema.Matching("platform", `[a-z0-9]+/[a-z0-9_]+(?:/[a-z0-9]+)?`,
		"os/arch or os/arch/variant, e.g. linux/amd64 or linux/arm/v7")
	// An application outside Argo CD's own namespace is named namespace/name; both are DNS subdomain names (RFC 1123).
	KubernetesName = yamlschema.Matching("Kubernetes name", `(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?`,
		"lower-case letters, digits, `-` and `.`, with a letter or digit at both ends")
)

// The grammars that only code can tell.
var (
	// Command is any text: only the shell knows whether it is right.
	Command       = yamlschema.Grammar{Expression: `\S`, Check: func(s string) (string, *yamlschema.Flaw) { return s, nil }}
	Directory     = yamlschema.Grammar{Expression: `^[^/~\\\s](?:[^\\]*[^\\\s])?$`, Check: checkDirectory}
	FilePath      = yamlschema.Grammar{Expression: `^[^/~\\\s<](?:[^\\]*[^/\\\s])?$`, Check: checkFilePath}
	PathPattern   = yamlschema.Grammar{Expression: `^!?[^/~\\\s](?:[^\\]*[^\\\s])?$`, Check: checkPattern}
	ContextSource = yamlschema.Grammar{Expression: `\S`, Check: checkContextSource}
	Repository    = yamlschema.Grammar{Expression: ownerName.String(), Check: checkRepository}
	Branch        = yamlschema.Grammar{Expression: `^[^\x00-\x20\x7f~^:?*\[\\./-][^\x00-\x20\x7f~^:?*\[\\]*$`, Check: checkBranch}
	BranchGlob    = yamlschema.Grammar{Expression: `^[^\x00-\x20\x7f~:\\./-][^\x00-\x20\x7f~:\\]*$`, Check: checkBranchGlob}
	Label         = yamlschema.Grammar{Expression: `^[^,]{1,50}$`, Check: checkLabel}
	ImageName     = yamlschema.Typed[imageref.Repository]{
		Expression: `^(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9-]+:[0-9]+|\[[0-9a-fA-F:]+\])(?::[0-9]+)?` +
			`(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)+$`,
		Parse: parseImageName,
	}
	ImagePrefix = yamlschema.Matching("registry or repository", `[A-Za-z0-9\[][A-Za-z0-9.:\[\]-]*(?:/[a-z0-9._-]+)*`,
		"a registry or the beginning of a repository, such as ghcr.io or ghcr.io/acme")
	ImageReference = yamlschema.Grammar{Expression: `^[A-Za-z0-9\[][^\s]*$`, Check: checkImageReference}
)

// SecretVariable never quotes what it refuses: a mistaken key has the secret itself.
var SecretVariable = yamlschema.Grammar{Expression: Variable.Expression, Check: func(s string) (string, *yamlschema.Flaw) {
	if _, f := Variable.Check(s); f != nil {
		return "", yamlschema.Flawf("write the NAME of the variable that holds the secret at build time",
			"is not the name of an environment variable")
	}
	return s, nil
}}
