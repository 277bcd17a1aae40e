package deployment

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// writer is what a bump says of who made it: the application's repository and its service. Either may be "".
type writer struct{ repository, service string }

func (w writer) String() string {
	if w.service == "" || w.service == w.repository {
		return w.repository
	}
	return w.service + " (" + w.repository + ")"
}

// deployed finds the service in the headline of bumps that have no TrailerService.
var deployed = regexp.MustCompile(`^(?:deploy|rollback)\([^)]*\): (\S+)`)

// writer returns who made the commit, false where it is no bump.
func (c Commit) writer() (writer, bool) {
	trailers := c.Trailers()
	repository, _, ok := trailers.Source()
	if !ok && repository == "" {
		return writer{}, false
	}
	service := trailers.Get(TrailerService)
	if m := deployed.FindStringSubmatch(c.Message); service == "" && m != nil {
		service = m[1]
	}
	return writer{repository, service}, true
}

// isOurs reports whether a writer is the application that bumps, be it under a name that it had before.
func (b Bump) isOurs(w writer) bool {
	former := func(name string) bool {
		return slices.ContainsFunc(b.Formerly, func(f string) bool { return strings.EqualFold(f, name) })
	}
	repository := strings.EqualFold(w.repository, b.application()) || former(w.repository)
	return repository && (w.service == "" || w.service == b.Service || former(w.service))
}

// wrote reports whether a bump set the scalar: by its trailer, or, where it has none of the kind, by its value in the message's
// table.
func (c Commit) wrote(a assignment) bool {
	listed := c.Trailers().All(TrailerValue)
	if len(listed) == 0 {
		return c.setValueOf("", a)
	}
	return slices.ContainsFunc(listed, func(value string) bool {
		_, place, _ := strings.Cut(value, " ")
		return place == a.inTrailer()
	})
}

// setValueOf reports whether the table has the scalar's value of now, in the lines of a component or, for "", of any.
func (c Commit) setValueOf(component string, a assignment) bool {
	_, tag := cutName(a.before)
	for of, set := range c.Changes() {
		if (component == "" || of == component) && slices.ContainsFunc(set, func(v string) bool { return v == a.before || v == tag }) {
			return true
		}
	}
	return false
}

// cutName splits a value that is a tag or a reference into what is before the tag, and the tag.
func cutName(value string) (head, tag string) {
	name, _, _ := strings.Cut(value, "@")
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		return name[:colon+1], name[colon+1:]
	}
	return "", cmp.Or(name, value)
}

// inTrailer is the scalar as TrailerValue has it: file and path, each a word.
func (a assignment) inTrailer() string { return word(a.file) + " " + word(a.key()) }

// word is a text without white space, quoted where it has some.
func word(text string) string {
	if quoted := strconv.Quote(text); quoted != `"`+text+`"` || strings.ContainsFunc(text, isSpace) {
		return strings.ReplaceAll(quoted, " ", `\x20`)
	}
	return text
}

func isSpace(r rune) bool { return strings.ContainsRune(" \t\r\n\u0085\u00a0", r) }
