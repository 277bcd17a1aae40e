package config

import (
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// Notes says how what a deployment brings is written.
type Notes struct {
	Links []IssueLink // in the order of the file
}

// IssueLink finds keys of issues in the messages of commits.
type IssueLink struct {
	Pattern string // regular expression (RE2)
	URL     string // where a key leads to; $0 is the key, $1 to $9 are groups of the pattern
}

// Bounds of links.
const (
	mostLinks      = 20
	longestPattern = 200
	longestAddress = 500
)

func decodeNotes(d *yamlschema.Decoder, v yamlschema.Value) Notes {
	var n Notes
	d.Mapping(v.Node, v, yamlschema.Optional("links", "Links keys of issues: a regular expression (RE2) that finds them, by the address "+
		"that they lead to, with $0 for the key and $1 to $9 for groups.", "none",
		d.Named(func(key *yaml.Node, v yamlschema.Value) {
			link := IssueLink{Pattern: d.Key(key, v, issuePattern)}
			if address, ok := d.StringValue(v, issueAddress); ok {
				link.URL = address
				checkGroups(d, v, link)
			}
			if n.Links = append(n.Links, link); len(n.Links) == mostLinks+1 {
				d.ReportAt(key, "join some by `|`", "%s is one link too many: there may be %d", v.Path, mostLinks)
			}
		})))
	return n
}

// issuePattern is that of keys: RE2 takes time in proportion to the text, whatever the pattern.
var issuePattern = yamlschema.Grammar{Expression: `^.{1,200}$`, Check: func(s string) (string, *yamlschema.Flaw) {
	const remedy = `write a regular expression such as 'BE-(\d+)': https://pkg.go.dev/regexp/syntax`
	pattern, err := regexp.Compile(s)
	switch {
	case len([]rune(s)) > longestPattern || strings.ContainsAny(s, "\r\n"):
		return "", yamlschema.Flawf(remedy, "is not a pattern of one line with up to %d characters", longestPattern)
	case err != nil:
		return "", yamlschema.Flawf(remedy, "does not parse: %v", err)
	case pattern.MatchString(""):
		return "", yamlschema.Flawf(remedy, "matches nothing at all, and so everywhere")
	}
	return s, nil
}}

// addressPattern has a host without a `$`: no text of a commit decides where a link leads.
var addressPattern = regexp.MustCompile(`^https?://[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/` +
	`[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*$`)

var issueAddress = yamlschema.Grammar{Expression: addressPattern.String(), Check: func(s string) (string, *yamlschema.Flaw) {
	if len(s) > longestAddress || !addressPattern.MatchString(s) {
		return "", yamlschema.Flawf("write e.g. https://jira.example.com/browse/$0",
			"is %q, which is not an address (http or https) with a host of its own and a path", s)
	}
	return s, nil
}}

var groupReference = regexp.MustCompile(`\$([0-9]?)`)

// checkGroups refuses a `$` that stands for nothing.
func checkGroups(d *yamlschema.Decoder, v yamlschema.Value, link IssueLink) {
	pattern, err := regexp.Compile(link.Pattern)
	if err != nil || v.Shape != nil {
		return // reported already
	}
	for _, m := range groupReference.FindAllStringSubmatch(link.URL, -1) {
		group, err := strconv.Atoi(m[1])
		if err != nil || group > pattern.NumSubexp() {
			d.ReportAt(v.Node, "write $0 for the key, $1 for the first group in parentheses",
				"%s has %q, for which the pattern has no group", v.Path, m[0])
			return
		}
	}
}
