package deployment

import (
	"regexp"
	"slices"
	"strings"
)

// Keys of the trailers that a bump leaves in its commit (docs/how-it-works.md, "The commit").
const (
	TrailerSource      = "Astrago-Source"      // owner/name@commit of the application repository, and of which components, if not all
	TrailerService     = "Astrago-Service"     // name of the service, as several may come from one repository
	TrailerEnvironment = "Astrago-Environment" // environment's name
	TrailerValue       = "Astrago-Value"       // component file path: a value that names the component's image, one for each
	TrailerImage       = "Astrago-Image"       // component repository@digest, one for each image
	TrailerKept        = "Astrago-Kept"        // component tag repository@digest: left as it is, as it is the image of the source, too
	TrailerBumpID      = "Astrago-Bump-Id"     // identifies source, environment and edits
	TrailerRun         = "Astrago-Run"         // address of the workflow run; absent outside of one
	TrailerRef         = "Astrago-Ref"         // branch or tag that the environment does not take, where -env deployed from it
	TrailerForced      = "Astrago-Forced"      // order owner/name@commit that -force replaced, hold component that it passed, owner owner/name@commit service that it took a value from, charts that it left unchecked, or image component that it could not look at
	TrailerPromoted    = "Astrago-Promoted"    // environment owner/name@commit of the deployment repository that the images were taken from
	TrailerRollback    = "Astrago-Rollback"    // component tag owner/name@commit that was rejected, one for each component
	TrailerRestored    = "Astrago-Restored"    // commit of the deployment repository whose values were restored
	TrailerHold        = "Astrago-Hold"        // component until newer or lift: held from here on
	TrailerLifted      = "Astrago-Lifted"      // component that is held no more
	TrailerReason      = "Astrago-Reason"      // why, as a person gave it
)

// Trailer is one key and value in git's own format (https://git-scm.com/docs/git-interpret-trailers).
type Trailer struct{ Key, Value string }

// Trailers are a commit's trailers in their order; a key may come several times.
type Trailers []Trailer

var trailerLine = regexp.MustCompile(`^(Astrago-[A-Za-z-]+): *(.*)$`)

// ParseTrailers finds this tool's trailers anywhere in a message. git takes only the last paragraph, but GitHub appends
// paragraphs of its own (sign-off, co-authors of a squash merge), and a release must still be known after that. The subject has none,
// as for git.
func ParseTrailers(message string) Trailers {
	var found Trailers
	for line := range strings.Lines(below(message)) {
		if !strings.HasPrefix(line, "Astrago-") { // most lines of a history; the expression is dear
			continue
		}
		if m := trailerLine.FindStringSubmatch(strings.TrimRight(line, " \t\r\n")); m != nil {
			found = append(found, Trailer{Key: m[1], Value: m[2]})
		}
	}
	return found
}

// below is a message without its subject, which people word.
func below(message string) string {
	_, rest, _ := strings.Cut(message, "\n")
	return rest
}

// Get gives the last value of the key, as later trailers supersede earlier ones; "" if there is none.
func (t Trailers) Get(key string) string {
	all := t.All(key)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// All gives every value of the key in order.
func (t Trailers) All(key string) []string {
	var values []string
	for _, trailer := range t {
		if trailer.Key == key {
			values = append(values, trailer.Value)
		}
	}
	return values
}

// Source splits the source trailer into the application repository and its commit; the last one where components come from
// several.
func (t Trailers) Source() (repository, sha string, ok bool) {
	value, _, _ := strings.Cut(t.Get(TrailerSource), " ")
	return strings.Cut(value, "@")
}

// SourceOf is Source for one component.
func (t Trailers) SourceOf(component string) (repository, sha string, ok bool) {
	for _, value := range t.All(TrailerSource) {
		source, components, some := strings.Cut(value, " ")
		if !some || slices.Contains(strings.Fields(components), component) {
			repository, sha, ok = strings.Cut(source, "@")
		}
	}
	return repository, sha, ok
}

// Image gives the repository and the digest of a component's image, empty where none was deployed.
func (t Trailers) Image(component string) (repository, digest string) {
	for _, image := range t.All(TrailerImage) {
		if name, pinned, _ := strings.Cut(image, " "); name == component {
			repository, digest, _ = strings.Cut(strings.TrimSpace(pinned), "@")
		}
	}
	return repository, digest
}

// names reports whether an image of the component was deployed.
func (t Trailers) names(component string) bool {
	_, digest := t.Image(component)
	return digest != ""
}

// String renders the block, a line each. Values lose line breaks, so that none can forge a trailer of its own.
func (t Trailers) String() string {
	var b strings.Builder
	for _, trailer := range t {
		b.WriteString(trailer.Key + ": " + strings.Join(strings.Fields(trailer.Value), " ") + "\n")
	}
	return b.String()
}
