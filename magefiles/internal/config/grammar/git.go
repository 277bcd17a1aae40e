package grammar

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// ownerName matches the names that GitHub allows: an owner of up to 39 letters, digits and inner hyphens, a name of up to 100.
var ownerName = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}$`)

// remoteURL finds owner/name in what `git remote get-url` prints.
var remoteURL = regexp.MustCompile(`[/:]([A-Za-z0-9-]+/[A-Za-z0-9._-]+?)(?:\.git)?/?$`)

// checkRepository wants owner/name.
func checkRepository(s string) (string, *yamlschema.Flaw) {
	if base, ok := strings.CutSuffix(s, ".git"); ok && ownerName.MatchString(base) {
		return "", yamlschema.Flawf("write `"+base+"`", "is %q, but takes the name without .git", s)
	}
	_, base, _ := strings.Cut(s, "/")
	if ownerName.MatchString(s) && base != "." && base != ".." {
		return s, nil
	}
	remedy := "write owner/name, e.g. acme/deployment"
	if m := remoteURL.FindStringSubmatch(s); m != nil && ownerName.MatchString(m[1]) {
		remedy = "write `" + m[1] + "`"
	}
	return "", yamlschema.Flawf(remedy, "is %q, which is not owner/name", s)
}

// checkBranch wants a branch's short name by the rules of git-check-ref-format(1).
func checkBranch(s string) (string, *yamlschema.Flaw) {
	if short, ok := strings.CutPrefix(s, "refs/heads/"); ok {
		return "", yamlschema.Flawf("write `"+short+"`", "is %q, but takes the short name", s)
	}
	if reason := refFormat(s); reason != "" {
		return "", yamlschema.Flawf("see git help check-ref-format", "is %q, which is not a branch name: %s", s, reason)
	}
	return s, nil
}

// refFormat returns which rule of git-check-ref-format(1), with --branch, s breaks; "" is none.
func refFormat(s string) string {
	switch {
	case s == "@", strings.Contains(s, "@{"):
		return "`@` alone and `@{` have a meaning of their own"
	case strings.HasPrefix(s, "-"):
		return "it begins with `-`"
	case strings.HasSuffix(s, "."):
		return "it ends in `.`"
	case strings.Contains(s, ".."):
		return "it contains `..`"
	case strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r) }):
		return "it contains a space, a control character or one of ~ ^ : ? * [ \\"
	}
	for component := range strings.SplitSeq(s, "/") {
		switch {
		case component == "":
			return "a slash is doubled, or stands at an end"
		case strings.HasPrefix(component, "."):
			return "a part begins with `.`"
		case strings.HasSuffix(component, ".lock"):
			return "a part ends in `.lock`"
		}
	}
	return ""
}

// checkLabel wants the name of a label of GitHub, which may have spaces and emoji.
func checkLabel(s string) (string, *yamlschema.Flaw) {
	if utf8.RuneCountInString(s) > 50 || strings.ContainsFunc(s, unicode.IsControl) || strings.Contains(s, ",") {
		return "", yamlschema.Flawf("write a name of up to 50 characters, without commas", "is %q, which is not the name of a label", s)
	}
	return s, nil
}
