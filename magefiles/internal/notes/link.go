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

// Bounds of the keys of one change, and of each.
const (
	mostIssues  = 10
	longestKey  = 60
	mostMatches = 1000 // of one pattern: a message may name the same key again and again
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
		for _, m := range rule.pattern.FindAllStringSubmatchIndex(text, mostMatches) {
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
	isStep := func(text string) bool { return text == "." || text == ".." }
	ok := true
	address := groupPattern.ReplaceAllStringFunc(r.url, func(group string) string {
		n := int(group[1] - '0')
		if 2*n+1 >= len(m) || m[2*n] < 0 {
			return ""
		}
		value := text[m[2*n]:m[2*n+1]]
		ok = ok && !isStep(value)
		return strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
	})
	segments := strings.FieldsFunc(address, func(c rune) bool { return strings.ContainsRune("/?#", c) })
	return address, ok && !slices.ContainsFunc(segments, isStep) // two groups may make a step, too
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
			n := indexWhole(title, issue.Key)
			if n >= 0 && (n < at || n == at && len(issue.Key) > len(open[first].Key)) {
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

// indexWhole returns where a key stands in a title as it is, and not as a part of a longer one: -1 where it does not.
func indexWhole(title, key string) int {
	for from := 0; key != ""; {
		at := strings.Index(title[from:], key)
		if at < 0 {
			break
		}
		begin, end := from+at, from+at+len(key)
		if !joins(title[:begin], key) && !joins(key, title[end:]) {
			return begin
		}
		from = begin + 1
	}
	return -1
}

// joins reports whether two texts have a letter or a digit, of ASCII, on both sides of where they meet.
func joins(before, behind string) bool {
	return before != "" && behind != "" && isWord(before[len(before)-1]) && isWord(behind[0])
}

func isWord(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' }
