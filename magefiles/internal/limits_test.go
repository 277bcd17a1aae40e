package internal_test

import (
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/tools/house"
)

// limit is a maximum that fits into a reader's head.
type limit struct {
	what string
	most int
	// exceptions are today's, by package or type, each with its figure. A figure only becomes smaller, and a line leaves the list
	// with what it is about: nothing is added.
	exceptions map[string]int
}

var (
	methodLimit   = limit{"methods of a type, embedding counted", 25, map[string]int{}}
	fileLimit     = limit{"files of a package, tests left out", 25, map[string]int{}}
	functionLimit = limit{"lines of a function", 40, map[string]int{}}
	longLimit     = limit{"lines of a package above 140 columns", 0, map[string]int{}}
)

func TestPackagesAndTypesStaySmall(t *testing.T) {
	measured, err := house.Measure(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	methodLimit.hold(t, measured.Methods)
	fileLimit.hold(t, measured.Files)
	functions := slices.Clone(measured.Functions)
	for i, f := range functions { // by file and name, as lines move
		file, _, _ := strings.Cut(f.Name, ":")
		_, name, _ := strings.Cut(f.Name, " ")
		functions[i].Name = file + " " + name
	}
	functionLimit.hold(t, functions)
	long := map[string]int{}
	for _, line := range measured.Long {
		file, _, _ := strings.Cut(line.Name, ":")
		long[path.Dir(file)]++
	}
	var packages []house.Size
	for _, dir := range slices.Sorted(maps.Keys(long)) {
		packages = append(packages, house.Size{Name: dir, Count: long[dir]})
	}
	longLimit.hold(t, packages)
}

// hold reports what is above the limit and its own exception, and exceptions that nothing needs any more.
func (l limit) hold(t *testing.T, sizes []house.Size) {
	t.Helper()
	needed := map[string]bool{}
	for _, size := range sizes {
		name := strings.TrimPrefix(size.Name, "magefiles/internal/")
		if size.Count > l.most {
			needed[name] = true
		}
		if most := max(l.most, l.exceptions[name]); size.Count > most {
			t.Errorf("%s: %s has %d, at most %d are meant", l.what, name, size.Count, most)
		}
	}
	for name := range l.exceptions {
		if !needed[name] {
			t.Logf("%s: %s needs no exception any more, delete its line", l.what, name)
		}
	}
}
