package build

import (
	"fmt"
	"slices"
	"testing"
)

func TestLargestFolders(t *testing.T) {
	for name, tc := range map[string]struct {
		files map[string]int // folder -> files
		want  []string
	}{
		"generated folders are one, wherever they are": {
			files: map[string]int{"a/node_modules/x/y": 4000, "b/c/node_modules/z": 7000, "src": 20}, want: []string{"**/node_modules"},
		},
		"the folder itself rather than the one around it": {
			files: map[string]int{"web/assets/video": 9000, "web/assets/audio": 8000, "web/src": 100}, want: []string{"web/assets"},
		},
		"several": {
			files: map[string]int{"data": 5000, "logs": 4000, "docs/a": 3000, "src": 2000}, want: []string{"data", "logs", "docs/a"},
		},
		"small folders are no cause": {
			files: map[string]int{"data": 11000, "src": 10}, want: []string{"data"},
		},
		"no folder at all": {files: map[string]int{"": 11000}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newContextSize()
			for dir, n := range tc.files {
				for i := range n {
					path := fmt.Sprint(i)
					if dir != "" {
						path = dir + "/" + path
					}
					s.add(path, 1000)
				}
			}
			var got []string
			for _, f := range s.largest() {
				got = append(got, f.pattern)
			}
			if !slices.Equal(got, tc.want) || !s.large() {
				t.Errorf("got %q, large %v; want %q", got, s.large(), tc.want)
			}
		})
	}
}

// Bytes count as well as files, and what is below both is no warning.
func TestContextIsLargeByFilesOrBytes(t *testing.T) {
	s := newContextSize()
	s.add("models/weights.bin", manyBytes)
	for i := range manyFiles - 1 {
		s.add(fmt.Sprint("src/", i), 0)
	}
	if s.large() {
		t.Error("at the limits it is not large")
	}
	s.add("models/more.bin", 1)
	if !s.large() || s.largest()[0].pattern != "models" && s.largest()[0].pattern != "src" {
		t.Errorf("%+v", s.largest())
	}
}

// Counting is done for each file of each build, so it must be nothing beside listing it.
func BenchmarkContextSize(b *testing.B) {
	paths := make([]string, 1000)
	for i := range paths {
		paths[i] = fmt.Sprintf("server/core/src/main/%d.java", i)
	}
	b.ReportAllocs()
	for b.Loop() {
		s := newContextSize()
		for _, path := range paths {
			s.add(path, 100)
		}
	}
}
