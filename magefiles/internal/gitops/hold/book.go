package hold

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Book is the content of the files of holds at one commit.
type Book struct {
	Holds []Hold // of the service in the environment; none where the deployment names no file of holds
	Kept  []Kept // beside them: which tags later commits were released with, the newest last

	HoldPath    string   // where Holds stand
	FormerPaths []string // where files under names that the service had before were looked for

	HoldBytes   []byte            // exact bytes of the file, nil where there is none
	FormerBytes map[string][]byte // the same of files under former names
	HoldErr     error             // why Holds could not be read

	NeighbourPaths []string          // where holds of environments that may set the same values were looked for
	NeighbourBytes map[string][]byte // exact bytes of these files

	lostKept bool // the file has records of what is kept that are not in Kept, as nothing reads them
}

// AddHolds takes over the bytes of a file of holds; nil where there is none. What held the service under a name that it had
// before holds it now. place is where the file is, for messages.
func (b *Book) AddHolds(path string, data []byte, place string) {
	if data == nil {
		return
	}
	switch {
	case path == b.HoldPath:
		b.HoldBytes = data
	case slices.Contains(b.NeighbourPaths, path) && !slices.Contains(b.FormerPaths, path):
		if b.NeighbourBytes == nil {
			b.NeighbourBytes = map[string][]byte{}
		}
		b.NeighbourBytes[path] = data
		return
	default:
		if b.FormerBytes == nil {
			b.FormerBytes = map[string][]byte{}
		}
		b.FormerBytes[path] = data
	}
	file, err := Parse(data)
	if err != nil {
		b.HoldErr = problem.New(problem.Refused, "repair the file, or lift all that it holds: mage hold -lift",
			"reading the hold: %w", err).At(problem.Place{File: place})
		readable, lost := salvageKept(data)
		b.Kept, b.lostKept = PutKept(readable, b.Kept), b.lostKept || lost
		return
	}
	for _, h := range file.Holds {
		if !slices.ContainsFunc(b.Holds, h.IsAbout) {
			b.Holds = append(b.Holds, h)
		}
	}
	b.Kept = PutKept(file.Kept, b.Kept)
}

// ReadPaths are all files of holds that are read.
func (b *Book) ReadPaths() []string { return append(b.HoldPaths(), b.NeighbourPaths...) }

// HoldPaths returns the files in which holds of the service in the environment are looked for.
func (b *Book) HoldPaths() []string {
	if b.HoldPath == "" {
		return nil
	}
	return append([]string{b.HoldPath}, b.FormerPaths...)
}

// HoldsAreReadable reports whether the holds could be read.
func (b *Book) HoldsAreReadable() bool { return b.HoldErr == nil }

// CheckHolds is a Problem where the holds cannot be read: then Holds is empty, and every bump is refused.
func (b *Book) CheckHolds() error { return b.HoldErr }

// KeptAs returns the record of a component's tag, false where no release has kept it.
func (b *Book) KeptAs(name component.Name, tag string) (Kept, bool) {
	i := slices.IndexFunc(b.Kept, func(k Kept) bool { return k.Component == name && k.Tag == tag && tag != "" })
	if i < 0 {
		return Kept{}, false
	}
	return b.Kept[i], true
}
