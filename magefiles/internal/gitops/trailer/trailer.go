// Package trailer reads and writes the trailers that a bump leaves below its commit's message for later runs: lines of a key and a value,
// in git's own format. The form of a value, and how it is read, stand in one file for each.
package trailer

import (
	"regexp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// Keys of the trailers that a bump leaves in its commit (docs/how-it-works.md, "The commit").
const (
	Source      = "Astrago-Source"      // owner/name@commit of the application repository, and of which components, if not all
	Service     = "Astrago-Service"     // name of the service, as several may come from one repository
	Environment = "Astrago-Environment" // environment's name
	Value       = "Astrago-Value"       // component file path: a value that names the component's image, one for each
	Image       = "Astrago-Image"       // component repository@digest, one for each image
	Kept        = "Astrago-Kept"        // component tag repository@digest: left as it is, as it is the image of the source, too
	BumpID      = "Astrago-Bump-Id"     // identifies source, environment and edits
	Run         = "Astrago-Run"         // address of the workflow run; absent outside of one
	Actor       = "Astrago-Actor"       // person that asked for the workflow run, whose token may be another's; absent outside of one
	Ref         = "Astrago-Ref"         // branch or tag that the environment does not take, where -env deployed from it
	Forced      = "Astrago-Forced"      // by -force: order REPO@SHA, hold COMPONENT, owner REPO@SHA SERVICE, charts, image COMPONENT
	Promoted    = "Astrago-Promoted"    // environment owner/name@commit of the deployment repository that the images were taken from
	Rollback    = "Astrago-Rollback"    // component tag owner/name@commit that was rejected, one for each component
	Restored    = "Astrago-Restored"    // commit of the deployment repository whose values were restored
	Hold        = "Astrago-Hold"        // component until newer or lift: held from here on
	Lifted      = "Astrago-Lifted"      // component that is held no more
	Reason      = "Astrago-Reason"      // why, as a person gave it
)

// Trailer is one key and value in git's own format (https://git-scm.com/docs/git-interpret-trailers).
type Trailer struct{ Key, Value string }

// List is a commit's trailers in their order; a key may come several times.
type List []Trailer

var linePattern = regexp.MustCompile(`^(Astrago-[A-Za-z-]+): *(.*)$`)

// Parse finds this tool's trailers anywhere in a message. git takes only the last paragraph, but GitHub appends
// paragraphs of its own (sign-off, co-authors of a squash merge), and a release must still be known after that. The subject has none,
// as for git.
func Parse(message string) List {
	var found List
	for line := range strings.Lines(Below(message)) {
		if !strings.HasPrefix(line, "Astrago-") { // most lines of a history; the expression is dear
			continue
		}
		if m := linePattern.FindStringSubmatch(strings.TrimRight(line, " \t\r\n")); m != nil {
			found = append(found, Trailer{Key: m[1], Value: m[2]})
		}
	}
	return found
}

// Below returns a message without its subject, which people word.
func Below(message string) string {
	_, rest, _ := strings.Cut(message, "\n")
	return rest
}

// Get returns the last value of the key, as later trailers supersede earlier ones; "" if there is none.
func (t List) Get(key string) string {
	all := t.All(key)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// All returns every value of the key in order.
func (t List) All(key string) []string {
	var values []string
	for _, trailer := range t {
		if trailer.Key == key {
			values = append(values, trailer.Value)
		}
	}
	return values
}

// firstWords returns the first word of each value of a key: the component that it is about.
func (t List) firstWords(key string) []component.Name {
	var names []component.Name
	for _, value := range t.All(key) {
		name, _, _ := strings.Cut(value, " ")
		names = append(names, component.Name(name))
	}
	return names
}

// String renders the block, a line each. Values lose line breaks, so that none can forge a trailer of its own.
func (t List) String() string {
	var b strings.Builder
	for _, trailer := range t {
		b.WriteString(trailer.Key + ": " + strings.Join(strings.Fields(trailer.Value), " ") + "\n")
	}
	return b.String()
}

// IsSelf reports whether a name that a trailer has is the application's, be it one that it had before.
func IsSelf(formerly []string, application, recorded string) bool {
	return strings.EqualFold(application, recorded) ||
		slices.ContainsFunc(formerly, func(name string) bool { return strings.EqualFold(name, recorded) })
}
