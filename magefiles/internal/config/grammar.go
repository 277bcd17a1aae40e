package config

import (
	"fmt"
	"regexp"
	"strings"
)

// grammar checks a value and gives its canonical form. Its expression is for editors: it matches all that check accepts, and
// exactly that where the grammar is one regular expression. It stays in what Go's and JavaScript's have in common.
type grammar struct {
	expression string
	check      func(string) (string, *flaw)
}

// flaw is what is wrong with a value, as it follows the value's path in a message, and what to write instead.
type flaw struct{ what, remedy string }

func flawf(remedy, format string, args ...any) *flaw {
	return &flaw{fmt.Sprintf(format, args...), remedy}
}

// The grammars that one regular expression says.
var (
	name = matching("name", `[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?`,
		"lower-case letters, digits, `-`, `_` and `.`, with a letter or digit at both ends")
	variable = matching("name of a variable", `[A-Za-z_][A-Za-z0-9_]*`,
		"letters, digits and `_`, not beginning with a digit")
	secretID = matching("id of a secret", `[A-Za-z0-9][A-Za-z0-9._-]*`,
		"letters, digits, `.`, `_` and `-`, as in RUN --mount=type=secret,id=…")
	labelKey = matching("name of a label", `[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?`,
		"letters, digits, `.`, `_`, `/` and `-`, e.g. com.example.team")
	stage = matching("stage", `[A-Za-z0-9][A-Za-z0-9._-]*`,
		"the name or number of a stage, as in FROM … AS name")
	platform = matching("platform", `[a-z0-9]+/[a-z0-9_]+(?:/[a-z0-9]+)?`,
		"os/arch or os/arch/variant, e.g. linux/amd64 or linux/arm/v7")
	// An application outside ArgoCD's own namespace is named namespace/name; both are DNS subdomain names (RFC 1123).
	kubernetesName = matching("name in Kubernetes", `(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?`,
		"lower-case letters, digits, `-` and `.`, with a letter or digit at both ends")
)

// matching is the grammar of a regular expression. noun is what matches, form the expression in words.
func matching(noun, pattern, form string) grammar {
	expression := regexp.MustCompile(`^(?:` + pattern + `)$`)
	return grammar{expression.String(), func(s string) (string, *flaw) {
		if expression.MatchString(s) {
			return s, nil
		}
		remedy := "write " + form
		if lower := strings.ToLower(s); expression.MatchString(lower) {
			remedy = fmt.Sprintf("write `%s`", lower)
		}
		return "", flawf(remedy, "is %q, which is no %s", s, noun)
	}}
}

// The grammars that only code can tell.
var (
	command       = grammar{`\S`, func(s string) (string, *flaw) { return s, nil }} // only the shell knows whether it is right
	directory     = grammar{`^[^/~\\\s](?:[^\\]*[^\\\s])?$`, checkDirectory}
	filePath      = grammar{`^[^/~\\\s<](?:[^\\]*[^/\\\s])?$`, checkFilePath}
	pathPattern   = grammar{`^!?[^/~\\\s](?:[^\\]*[^\\\s])?$`, checkPattern}
	contextSource = grammar{`\S`, checkContextSource}
	repository    = grammar{ownerName.String(), checkRepository}
	branch        = grammar{`^[^\x00-\x20\x7f~^:?*\[\\./-][^\x00-\x20\x7f~^:?*\[\\]*$`, checkBranch}
	branchGlob    = grammar{`^[^\x00-\x20\x7f~:\\./-][^\x00-\x20\x7f~:\\]*$`, checkBranchGlob}
	label         = grammar{`^[^,]{1,50}$`, checkLabel}
	imageName     = grammar{
		`^(?:localhost|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9-]+:[0-9]+|\[[0-9a-fA-F:]+\])(?::[0-9]+)?(?:/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)+$`,
		checkImageName,
	}
	imagePrefix = matching("registry or repository", `[A-Za-z0-9\[][A-Za-z0-9.:\[\]-]*(?:/[a-z0-9._-]+)*`,
		"a registry or the beginning of a repository, such as ghcr.io or ghcr.io/acme")
	imageReference = grammar{`^[A-Za-z0-9\[][^\s]*$`, checkImageReference}
)

// secretVariable never quotes what it refuses: whoever mistakes the key has written the secret itself.
var secretVariable = grammar{variable.expression, func(s string) (string, *flaw) {
	if _, f := variable.check(s); f != nil {
		return "", flawf("write the NAME of the variable that holds the secret at build time", "is no name of an environment variable")
	}
	return s, nil
}}
