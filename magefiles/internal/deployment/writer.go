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

// Writer returns the service and the repository (owner/name) that a bump is of, false for a commit that is no bump. The service is
// "" where nothing tells it.
func (c Commit) Writer() (service, repository string, ok bool) {
	w, ok := c.writer()
	return w.service, w.repository, ok
}

// IsSelf reports whether a repository that a trailer names is the application's, be it under a name that it had before.
func (c *Client) IsSelf(application, repository string) bool {
	return isSelf(c.formerly, application, repository)
}

func isSelf(formerly []string, application, repository string) bool {
	return strings.EqualFold(application, repository) ||
		slices.ContainsFunc(formerly, func(name string) bool { return strings.EqualFold(name, repository) })
}

// isOurs reports whether a writer is the application that bumps, be it under a name that it had before.
func (b Bump) isOurs(w writer) bool {
	return isSelf(b.Formerly, b.application(), w.repository) && (w.service == "" || isSelf(b.Formerly, b.Service, w.service))
}

// evidence is what bumps say of one value: each the newest commit of its kind, nil where there is none.
type evidence struct {
	assignment
	setHere   *written // set this very value at this very place
	ourValue  *written // of ours, set this very value somewhere: a list may have been reordered since
	value     *written // of others, set this very value somewhere
	lastWrite *written // set another value here, which an edit by hand has replaced
}

// written is a bump with its writer.
type written struct {
	commit Commit
	by     writer
	ours   bool
}

// add takes a commit into account that is older than those before it.
func (e *evidence) add(b Bump, commit Commit) {
	by, ok := commit.writer()
	if !ok || e.setHere != nil {
		return
	}
	w := &written{commit, by, b.isOurs(by)}
	value, here := commit.setValueOf("", e.assignment), commit.wrote(e.assignment)
	if w.ours {
		value = commit.setValueOf(e.edit.Component, e.assignment)
	}
	keep := func(kept **written, fits bool) {
		if fits && *kept == nil {
			*kept = w
		}
	}
	keep(&e.setHere, here && value)
	keep(&e.ourValue, value && w.ours)
	listed := len(commit.Trailers().All(TrailerValue)) > 0
	keep(&e.value, value && !w.ours && (!listed || strings.Contains(e.path, "["))) // elsewhere a tag may be equal by chance
	keep(&e.lastWrite, here)
}

func (e *evidence) isEmpty() bool { return e.owner() == nil }

// owner is the writer that the value belongs to, nil for a value that no bump has set.
func (e *evidence) owner() *written { return cmp.Or(e.setHere, e.ourValue, e.value, e.lastWrite) }

// wrote reports whether a bump lists the scalar in its trailers.
func (c Commit) wrote(a assignment) bool {
	return slices.ContainsFunc(c.Trailers().All(TrailerValue), func(value string) bool {
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
