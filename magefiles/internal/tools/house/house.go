// Package house measures the shape of this repository's code: how many methods a type has, how many files a package, how long
// functions, files and lines are, how names are made and what doc comments begin with. It reads sources and compiles nothing.
package house

import (
	"cmp"
	"fmt"
	"slices"
)

// Area is the purpose of a file.
type Area string

// The areas of the repository.
const (
	Product Area = "product" // what application repositories compile
	Testkit Area = "testkit" // what tests share
	Tools   Area = "tools"   // this repository's own targets
	Tests   Area = "tests"
)

// Size is something that has a size, and where it is.
type Size struct {
	Name  string // as a reader finds it: a path, a type with its package, a function with its file and line
	Count int
}

// Report is the result of Measure. Every list is sorted, the largest first; tests count in Lines alone.
type Report struct {
	Lines     map[Area]int
	Methods   []Size // of types, with those of embedded types of this repository
	Files     []Size // in packages
	Functions []Size // lines, with the signature and the closing brace
	FileLines []Size
	Long      []Size // lines above Columns, by their length; a tab is four columns
	Columns   int    // that a line may have
	Names     int    // unexported functions, methods, types, constants and variables of the product
	OneWord   int    // of these, those of one word
	DocWords  []Size // first words of doc comments after the name
	Total     int    // lines of which Long is a part
}

// columns is the maximum length of a line.
const columns = 140

// Measure reads the Go files below the root of the repository.
func Measure(root string) (Report, error) {
	files, err := read(root)
	if err != nil {
		return Report{}, fmt.Errorf("measuring the code in %q: %w", root, err)
	}
	r := Report{Lines: map[Area]int{}, Columns: columns}
	packages, words := map[string]int{}, map[string]int{}
	types := types{}
	for _, f := range files {
		r.Lines[f.area] += len(f.lines)
		if f.area == Tests {
			continue
		}
		packages[f.dir]++
		r.FileLines = append(r.FileLines, Size{f.path, len(f.lines)})
		r.Functions = append(r.Functions, f.functions()...)
		r.Long, r.Total = append(r.Long, f.long()...), r.Total+len(f.lines)
		f.docWords(words)
		types.add(f)
		if f.area == Product {
			one, all := f.names()
			r.OneWord, r.Names = r.OneWord+one, r.Names+all
		}
	}
	r.Methods, r.Files, r.DocWords = types.sizes(), sizes(packages), sizes(words)
	for _, list := range [][]Size{r.Functions, r.FileLines, r.Long} {
		slices.SortFunc(list, larger)
	}
	return r, nil
}

func sizes(counts map[string]int) []Size {
	list := make([]Size, 0, len(counts))
	for name, count := range counts {
		list = append(list, Size{name, count})
	}
	slices.SortFunc(list, larger)
	return list
}

func larger(a, b Size) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name)) }
