package grammar_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// example is a value: what it is read as, or a word of what to write instead.
type example struct{ text, want, remedy string }

var examples = map[string]struct {
	grammar yamlschema.Grammar
	values  []example
}{
	"a name": {grammar.Name, []example{
		{text: "core", want: "core"},
		{text: "a.b-c_1", want: "a.b-c_1"},
		{text: "Core", remedy: "`core`"},
		{text: "-a", remedy: "both ends"},
		{text: "a-", remedy: "both ends"},
		{text: "a b", remedy: "lower-case"},
	}},
	"a platform": {grammar.Platform, []example{
		{text: "linux/amd64", want: "linux/amd64"},
		{text: "linux/arm/v7", want: "linux/arm/v7"},
		{text: "amd64", remedy: "os/arch"},
		{text: "linux/amd64/v1/x", remedy: "os/arch"},
	}},
	"a directory": {grammar.Directory, []example{
		{text: ".", want: "."},
		{text: "a//b/", want: "a/b"},
		{text: "./a", want: "a"},
		{text: "a/../b", remedy: "into the repository"},
		{text: "..", remedy: "into the repository"},
		{text: "/a", remedy: "relative"},
		{text: "C:/a", remedy: "relative"},
		{text: "~/a", remedy: "relative"},
		{text: `a\b`, remedy: "a/b"},
		{text: " a", remedy: "remove"},
		{text: "a\x1b[0m", remedy: "remove"},
		{text: "..a/b..", want: "..a/b.."},
	}},
	"a file": {grammar.FilePath, []example{
		{text: "a/Dockerfile", want: "a/Dockerfile"},
		{text: "a/", remedy: "name a file"},
		{text: "a/.", remedy: "name a file"},
		{text: "../a", remedy: "into the repository"},
	}},
	"a pattern": {grammar.PathPattern, []example{
		{text: "src/**", want: "src/**"},
		{text: "!src/*.go", want: "!src/*.go"},
		{text: "[a-", remedy: "src/**"},
		{text: "!../a", remedy: "into the repository"},
	}},
	"a context": {grammar.ContextSource, []example{
		{text: "lib", want: "lib"},
		{text: "docker-image://ghcr.io/acme/base:1", want: "docker-image://ghcr.io/acme/base:1"},
		{text: "docker-image://alpine", want: "docker-image://docker.io/library/alpine:latest"},
		{text: "https://github.com/acme/lib.git", remedy: "a directory"},
		{text: "docker-image://A B", remedy: "registry/path:tag"},
	}},
	"a repository": {grammar.Repository, []example{
		{text: "acme/deployment", want: "acme/deployment"},
		{text: "acme/deployment.git", remedy: "`acme/deployment`"},
		{text: "git@github.com:acme/deployment.git", remedy: "`acme/deployment`"},
		{text: "https://github.com/acme/deployment/", remedy: "`acme/deployment`"},
		{text: "acme/..", remedy: "owner/name"},
		{text: "deployment", remedy: "owner/name"},
		{text: "-a/b", remedy: "owner/name"},
	}},
	"a branch": {grammar.Branch, []example{
		{text: "stabilize/1.0", want: "stabilize/1.0"},
		{text: "refs/heads/main", remedy: "`main`"},
		{text: "a..b", remedy: "check-ref-format"},
		{text: "a b", remedy: "check-ref-format"},
		{text: "@{-1}", remedy: "check-ref-format"},
		{text: "a.lock", remedy: "check-ref-format"},
		{text: "a//b", remedy: "check-ref-format"},
		{text: "-a", remedy: "check-ref-format"},
	}},
	"branches": {grammar.BranchGlob, []example{
		{text: "release/*", want: "release/*"},
		{text: "feature/**", want: "feature/**"},
		{text: "[ab", remedy: "release/*"},
		{text: "a..*", remedy: "release/*"},
		{text: "v[]", remedy: "release/*"},
	}},
	"a label": {grammar.Label, []example{
		{text: "배포 🚀", want: "배포 🚀"}, {text: "a,b", remedy: "without commas"}, {text: strings.Repeat("가", 51), remedy: "50 characters"},
	}},
	"an image": {grammar.ImageReference, []example{
		{text: "ghcr.io/acme/base:1", want: "ghcr.io/acme/base:1"},
		{text: "alpine", want: "docker.io/library/alpine:latest"},
		{text: "acme base", remedy: "registry/path:tag"},
		{text: "ghcr.io/Acme/base", remedy: "registry/path:tag"},
	}},
}

// TestGrammars reads and refuses values. What is read also matches the expression that editors check by.
func TestGrammars(t *testing.T) {
	for name, test := range examples {
		expression := regexp.MustCompile(test.grammar.Expression)
		for _, value := range test.values {
			got, flaw := test.grammar.Check(value.text)
			switch {
			case value.remedy == "" && (flaw != nil || got != value.want):
				t.Errorf("%s %q is read as %q, %v, want %q", name, value.text, got, flaw, value.want)
			case value.remedy != "" && (flaw == nil || !strings.Contains(flaw.Remedy, value.remedy)):
				t.Errorf("%s %q: %v, want a remedy with %q", name, value.text, flaw, value.remedy)
			case value.remedy == "" && !expression.MatchString(value.text):
				t.Errorf("%s %q is read, and editors refuse it", name, value.text)
			}
		}
	}
}

func TestImageNames(t *testing.T) {
	for text, remedy := range map[string]string{
		"ghcr.io/acme/shop": "", "localhost:5000/shop": "", "ghcr.io/acme/shop:1": "`ghcr.io/acme/shop`", "ghcr.io/Acme/shop": "`ghcr.io/acme/shop`",
		"https://ghcr.io/acme/shop/": "`ghcr.io/acme/shop`", "acme/shop": "docker.io/acme/shop", "ghcr.io/acme/{{ .Component }}": "images of their own",
		"ghcr.io/" + strings.Repeat("a", 300): "registry/path", "ghcr.io/a b": "registry/path",
	} {
		named, flaw := grammar.ImageName.Parse(text)
		if (flaw == nil) != (remedy == "") || flaw != nil && !strings.Contains(flaw.Remedy, remedy) || flaw == nil && named.String() != text {
			t.Errorf("%q is %q, %v, want a remedy with %q", text, named, flaw, remedy)
		}
	}
}

// TestSecretVariableQuotesNothing: what is written in place of a variable's name may be the secret.
func TestSecretVariableQuotesNothing(t *testing.T) {
	const secret = "hunter2 hunter2"
	if _, flaw := grammar.SecretVariable.Check(secret); flaw == nil || strings.Contains(flaw.What+flaw.Remedy, "hunter2") {
		t.Errorf("it says %v", flaw)
	}
}
