package build

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A build context with more than this is slow to compare with the daemon's copy, and hardly ever meant.
const (
	manyFiles = 10_000
	manyBytes = 200_000_000
)

// foldersNamed is how many folders of a large context are named.
const foldersNamed = 3

// folderDepth is how deep a folder is that is counted by itself.
const folderDepth = 4

// folder is what a part of a context holds.
type folder struct {
	pattern string // as it stands in .dockerignore
	files   int
	bytes   int64
}

// contextSize counts the files of a context as a build takes it: without what .dockerignore leaves out and no COPY names.
type contextSize struct {
	folder
	folders map[string]*folder
}

func newContextSize() *contextSize { return &contextSize{folders: map[string]*folder{}} }

// generated are folders that tools make, wherever in a repository they are.
func generated(name string) bool {
	switch name {
	case "node_modules", ".git", ".gradle", ".venv", "__pycache__", ".next", ".cache":
		return true
	}
	return false
}

// add counts a file by its path from the context, with slashes.
func (s *contextSize) add(path string, bytes int64) {
	s.count(bytes)
	var ends [folderDepth]int // of the path's folders
	depth := 0
	for at := 0; depth < folderDepth; depth++ {
		slash := strings.IndexByte(path[at:], '/')
		if slash < 0 {
			break
		}
		if name := path[at : at+slash]; generated(name) {
			s.in("**/" + name).count(bytes)
			return
		}
		ends[depth] = at + slash
		at += slash + 1
	}
	for _, end := range ends[:depth] {
		s.in(path[:end]).count(bytes)
	}
}

func (s *contextSize) in(pattern string) *folder {
	f := s.folders[pattern]
	if f == nil {
		f = &folder{pattern: strings.Clone(pattern)}
		s.folders[f.pattern] = f
	}
	return f
}

func (f *folder) count(bytes int64) {
	f.files++
	f.bytes += bytes
}

func (f *folder) large() bool { return f.files > manyFiles || f.bytes > manyBytes }

// compare orders folders by their share of the whole context.
func (s *contextSize) compare(a, b *folder) int {
	share := func(f *folder) float64 {
		return max(float64(f.files)/float64(max(1, s.files)), float64(f.bytes)/float64(max(1, s.bytes)))
	}
	return cmp.Or(cmp.Compare(share(a), share(b)), cmp.Compare(b.pattern, a.pattern))
}

// largest names the folders that hold most, none inside another. Of a folder that is nearly all in one of its own, that one
// is named.
func (s *contextSize) largest() []*folder {
	all := make([]*folder, 0, len(s.folders))
	for _, f := range s.folders {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *folder) int { return s.compare(b, a) })
	var named []*folder
	for _, f := range all {
		if len(named) == foldersNamed || f.files*20 < s.files && f.bytes*20 < s.bytes { // under 5 % is no cause
			break
		}
		if !slices.ContainsFunc(named, func(n *folder) bool { return n == f || inside(f, n) || inside(n, f) }) {
			named = append(named, s.narrowed(f))
		}
	}
	return named
}

func (s *contextSize) narrowed(f *folder) *folder {
	for _, inner := range s.folders {
		if inner != f && inside(inner, f) && inner.files*10 >= f.files*9 && inner.bytes*10 >= f.bytes*9 {
			return s.narrowed(inner)
		}
	}
	return f
}

func inside(inner, outer *folder) bool { return strings.HasPrefix(inner.pattern, outer.pattern+"/") }

// warning says what makes a context large and how to make it smaller.
func (s *contextSize) warning(dir string) Warning {
	w := Warning{
		Message: fmt.Sprintf("build context %q has %d files, %s, which every build compares with the daemon's copy", dir, s.files, megabytes(s.bytes)),
		Remedy:  "leave out what no step needs: name it in .dockerignore of the context, or in <Dockerfile>.dockerignore",
	}
	for i, f := range s.largest() {
		if i == 0 {
			w.Message += "; the largest folders:"
		}
		w.Message += fmt.Sprintf("\n%s: %d files, %s", f.pattern, f.files, megabytes(f.bytes))
		w.Remedy += "\n" + f.pattern
	}
	return w
}
