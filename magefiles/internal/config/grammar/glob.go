package grammar

import (
	"errors"
	"regexp"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// checkBranchGlob wants a pattern of branch names, checked as the names that it could match are.
func checkBranchGlob(s string) (string, *yamlschema.Flaw) {
	if _, err := compileGlob(s); err != nil {
		return "", yamlschema.Flawf("write e.g. main, release/* or feature/**", "is the pattern %q, which does not parse: %v", s, err)
	}
	if _, f := checkBranch(wildcard.ReplaceAllLiteralString(s, "x")); f != nil {
		return "", yamlschema.Flawf("write e.g. main, release/* or feature/**",
			"is %q, which no branch can match: see git help check-ref-format", s)
	}
	return s, nil
}

// wildcard finds what stands for other characters in a glob.
var wildcard = regexp.MustCompile(`\*+|\?|\[[^\]]*\]`)

// MatchGlob reports whether the glob matches the whole of branch. It is path.Match but for two things: `**` crosses
// slashes, and [^a-z] does not. A glob that does not parse matches nothing.
func MatchGlob(glob, branch string) bool {
	expression, err := compileGlob(glob)
	return err == nil && expression.MatchString(branch)
}

func compileGlob(glob string) (*regexp.Regexp, error) {
	var b strings.Builder
	end := 0
	for _, m := range wildcard.FindAllStringIndex(glob, -1) {
		b.WriteString(regexp.QuoteMeta(glob[end:m[0]]))
		one := glob[m[0]:m[1]]
		if one == "[]" || one == "[^]" {
			return nil, errors.New("a bracket is empty")
		}
		b.WriteString(wildcardExpression(one))
		end = m[1]
	}
	rest := glob[end:]
	if strings.Contains(rest, "[") {
		return nil, errors.New("a bracket is not closed")
	}
	return regexp.Compile(`^(?:` + b.String() + regexp.QuoteMeta(rest) + `)$`)
}

// wildcardExpression is the regular expression of one wildcard.
func wildcardExpression(wildcard string) string {
	switch wildcard {
	case "*":
		return `[^/]*`
	case "?":
		return `[^/]`
	}
	class, ok := strings.CutPrefix(wildcard, "[")
	if !ok {
		return `.*`
	}
	class = strings.TrimSuffix(class, "]")
	not := ""
	if inner, ok := strings.CutPrefix(class, "^"); ok {
		not, class = "^/", inner
	}
	ranges := strings.ReplaceAll(regexp.QuoteMeta(class), `\-`, "-")
	return "[" + not + ranges + "]"
}

// IsPattern reports whether a glob stands for more than one name.
func IsPattern(glob string) bool { return wildcard.MatchString(glob) }
