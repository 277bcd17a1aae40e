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

// limit is how much fits into a reader's head.
type limit struct {
	what string
	most int
	// exceptions are today's, by package or type, each with its figure. A figure only becomes smaller, and a line leaves the list
	// with what it is about: nothing is added.
	exceptions map[string]int
}

var (
	methodLimit = limit{"methods of a type, embedding counted", 25, map[string]int{
		"bench.workload":                 31,
		"scaffold.Facts":                 41,
		"testkit/github.Server":          41,
		"testkit/github.call":            78,
		"testkit/github/bare.Repository": 31,
		"testkit/registry.Server":        29,
	}}
	fileLimit = limit{"files of a package, tests left out", 25, map[string]int{
		"testkit/github": 40,
	}}
	functionLimit = limit{"lines of a function", 40, map[string]int{
		"bench/bake.go changed":              41,
		"bench/daemons.go daemons":           41,
		"project/lint.go Lint":               42,
		"project/publish.go Publish":         44,
		"testkit/github/pull_merge.go merge": 41,
	}}
	longLimit = limit{"lines of a package above 140 columns", 0, map[string]int{
		"argocd":                  28,
		"bench":                   30,
		"doctor/machine":          4,
		"escape":                  1,
		"identity":                4,
		"magefiles":               1,
		"magefiles/targets":       2,
		"notify":                  1,
		"output":                  1,
		"plan":                    6,
		"prepare":                 2,
		"procgroup":               2,
		"project":                 7,
		"publish":                 14,
		"redact":                  1,
		"scaffold":                11,
		"submodule":               4,
		"testkit/argocd":          10,
		"testkit/buildkitd":       2,
		"testkit/chromium":        2,
		"testkit/collector":       1,
		"testkit/contract":        3,
		"testkit/contract/pinned": 2,
		"testkit/daemon":          1,
		"testkit/distribution":    1,
		"testkit/github":          12,
		"testkit/tool":            1,
		"toolchain":               1,
		"tools/house":             1,
		"transport":               2,
		"vars":                    9,
		"webpage":                 2,
	}}
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
