package edit

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
)

// staleDigest returns what is wrong with the digest behind the tag in a value, "" where nothing is.
func (e *fileEdit) staleDigest(a Assignment) string {
	if a.Edit.Image.IsZero() || !a.Names(a.After) {
		return ""
	}
	names := a.Edit.Names()
	tag, digest := names[0], names[1]
	for _, behind := range e.behindTag(a, tag+"@") {
		if !strings.HasPrefix(behind, digest) {
			return "the digest of another image would stay behind the tag"
		}
	}
	old := a.Change().Old
	if _, was := excerpt.SplitName(old.Name()); was != "" && !strings.Contains(a.After, strings.TrimPrefix(digest, "sha256:")) {
		return "the digest behind the tag would be lost"
	}
	return ""
}

// behindTag returns what the value has behind the component's tag, wherever it has that: where the tag stands whole, or where it is
// a part of something longer if it stands whole nowhere. References to other components' images, which may have the tag, too, are
// not the component's.
func (e *fileEdit) behindTag(a Assignment, tag string) []string {
	var whole, part []string
	text := a.After
	for from := 0; ; {
		at := strings.Index(text[from:], tag)
		if at < 0 {
			break
		}
		begin, end := from+at, from+at+len(tag)
		from = begin + 1
		switch {
		case e.isOthers(a, text[:end-1]): // without the @
		case excerpt.IsWhole(text, begin, end-1):
			whole = append(whole, text[end:])
		default:
			part = append(part, text[end:])
		}
	}
	if len(whole) > 0 {
		return whole
	}
	return part
}

// isOthers reports whether a text ends in a name of another component's image, and not in one as long of the assignment's own.
func (e *fileEdit) isOthers(a Assignment, text string) bool {
	longest := 0
	for _, name := range a.Edit.Names() {
		if strings.HasSuffix(text, name) {
			longest = max(longest, len(name))
		}
	}
	return slices.ContainsFunc(e.imageNames(), func(n imageName) bool {
		return n.component != a.Edit.Component && len(n.name) > longest && strings.HasSuffix(text, n.name)
	})
}
