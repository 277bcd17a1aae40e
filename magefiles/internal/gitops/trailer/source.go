package trailer

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// NewSource returns the trailer of the commit that images were built from, as far as it is known. It is of the named components, or of all
// where none is.
func NewSource(repository string, commit commitid.ID, of ...component.Name) Trailer {
	words := append([]string{formatCommit(repository, commit)}, component.Texts(of)...)
	return Trailer{Key: Source, Value: strings.Join(words, " ")}
}

// Source returns the application repository and its commit, as it is written; the last one where components come from several.
func (t List) Source() (repository string, commit commitid.ID, ok bool) {
	value, _, _ := strings.Cut(t.Get(Source), " ")
	return splitCommit(value)
}

// SourceOf is Source for one component.
func (t List) SourceOf(name component.Name) (repository string, commit commitid.ID, ok bool) {
	for _, value := range t.All(Source) {
		source, components, some := strings.Cut(value, " ")
		if !some || slices.Contains(strings.Fields(components), string(name)) {
			repository, commit, ok = splitCommit(source)
		}
	}
	return repository, commit, ok
}

// formatCommit returns a commit of a repository as one word: the repository alone where the commit is not known.
func formatCommit(repository string, commit commitid.ID) string {
	if commit == "" {
		return repository
	}
	return repository + "@" + string(commit)
}

func splitCommit(word string) (repository string, commit commitid.ID, ok bool) {
	repository, text, ok := strings.Cut(word, "@")
	return repository, commitid.ID(text), ok
}
