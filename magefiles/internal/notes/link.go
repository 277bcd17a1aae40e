package notes

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Linker finds the keys of issues in messages. The zero value finds none.
type Linker struct{ rules []linkRule }

type linkRule struct {
	pattern *regexp.Regexp
	url     string
}

// mostIssues bounds the keys of one change, and longestKey each of them.
const (
	mostIssues = 10
	longestKey = 60
)

// NewLinker returns a Linker of patterns with the address that each leads to, in which $0 is the key and $1 a group of the pattern.
func NewLinker(links [][2]string) (Linker, error) {
	var l Linker
	for _, link := range links {
		pattern, err := regexp.Compile(link[0])
		if err != nil {
			return Linker{}, fmt.Errorf("reading the pattern %q: %w", link[0], err)
		}
		l.rules = append(l.rules, linkRule{pattern, link[1]})
	}
	return l, nil
}

// Issues returns the keys in a text, in the order in which they stand there.
func (l Linker) Issues(text string) []Issue {
	type found struct {
		at int
		Issue
	}
	var all []found
	text = head(text, longestMessage)
	for _, rule := range l.rules {
		for _, m := range rule.pattern.FindAllStringSubmatchIndex(text, mostIssues) {
			key := text[m[0]:m[1]]
			address, ok := rule.address(text, m)
			known := slices.ContainsFunc(all, func(f found) bool { return f.Key == key })
			if ok && !known && len(key) <= longestKey && key != "" && !strings.ContainsAny(key, "\r\n") {
				all = append(all, found{m[0], Issue{Key: key, URL: address}})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return a.at - b.at })
	issues := make([]Issue, 0, min(len(all), mostIssues))
	for _, f := range all[:min(len(all), mostIssues)] {
		issues = append(issues, f.Issue)
	}
	return issues
}

var groupPattern = regexp.MustCompile(`\$([0-9])`)

// address fills in the groups of a match, each as one segment of a path or one value of a query: none leads anywhere else.
func (r linkRule) address(text string, m []int) (string, bool) {
	ok := true
	address := groupPattern.ReplaceAllStringFunc(r.url, func(group string) string {
		n := int(group[1] - '0')
		if 2*n+1 >= len(m) || m[2*n] < 0 {
			return ""
		}
		value := text[m[2*n]:m[2*n+1]]
		ok = ok && value != "." && value != ".."
		return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
	})
	return address, ok
}

// Segment is a piece of a change's title: plain text, or a key with its address.
type Segment struct{ Text, URL string }

// Segments returns the title with the keys in it as links, and behind it those that only the rest of the message has.
func (c Change) Segments() []Segment {
	title := c.Title
	if c.Scope != "" {
		title = c.Scope + ": " + title
	}
	var segments []Segment
	add := func(text, url string) {
		if text != "" {
			segments = append(segments, Segment{text, url})
		}
	}
	var beside []Issue
	open := slices.Clone(c.Issues)
	for len(open) > 0 {
		at, first := len(title), -1
		for i, issue := range open {
			if n := strings.Index(title, issue.Key); issue.Key != "" && n >= 0 && n < at {
				at, first = n, i
			}
		}
		if first < 0 {
			beside = open
			break
		}
		add(title[:at], "")
		add(open[first].Key, open[first].URL)
		title = title[at+len(open[first].Key):]
		open = slices.Delete(open, first, first+1)
	}
	add(title, "")
	for _, issue := range beside {
		add(" ", "")
		add(issue.Key, issue.URL)
	}
	return segments
}
