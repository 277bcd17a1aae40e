package targets_test

import (
	"os"
	"path/filepath"
	"testing"
)

// pointer is what git has of a file of Git LFS.
const pointer = "version https://git-lfs.github.com/spec/v1\n" +
	"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"

// ofLFS has git keep a.txt by Git LFS.
const ofLFS = "a.txt filter=lfs diff=lfs merge=lfs -text\n"

// TestPointersOfLFSStayOutOfImages where they stand for a file that was not fetched.
func TestPointersOfLFSStayOutOfImages(t *testing.T) {
	t.Parallel()
	one := map[string]string{"a.txt": "one"}
	kinds(t, map[string]kind{
		"pointer": {dockerfile: copied, files: one, refused: "a.txt", change: func(s *sample) {
			s.write(".gitattributes", ofLFS)
			s.write("a.txt", pointer)
			s.commit("a large file")
		}},
		"pointer in a named context": {
			keys: "contexts: { m: model }", dockerfile: "FROM BASE\nCOPY --from=m a.txt /out\n", refused: "model/a.txt",
			files: map[string]string{"model/a.txt": "one"},
			change: func(s *sample) {
				s.write("model/.gitattributes", ofLFS)
				s.write("model/a.txt", pointer)
				s.commit("a large file")
			},
		},
		"pointer in a submodule": {dockerfile: "FROM BASE\nCOPY lib /s\n", before: (*sample).library, refused: "lib/app/a", change: func(s *sample) {
			s.write("lib/.gitattributes", ofLFS)
			s.write("lib/app/a.txt", pointer)
			s.gitIn("lib", "add", ".")
			s.gitIn("lib", "commit", "-q", "-m", "a large file")
			s.commit("a newer library")
		}},
		"pointer that is not sent": {
			dockerfile: "FROM BASE\nCOPY . /s\n", reused: true,
			files: map[string]string{".dockerignore": ".git*\na.txt\n", "b": "x"}, change: func(s *sample) {
				s.write(".gitattributes", ofLFS)
				s.write("a.txt", pointer)
				s.commit("a large file")
			},
		},
		"text like a pointer": {dockerfile: copied, files: map[string]string{"a.txt": pointer + "one"}, out: "/out", change: two("a.txt")},
		"fetched file": {dockerfile: copied, files: one, out: "/out", before: func(s *sample) {
			s.largeFiles()
			s.write(".gitattributes", ofLFS)
			s.write("a.txt", "it is one")
			s.commit("a large file")
		}, change: two("a.txt")},
	})
}

// largeFiles has git keep contents beside the repository, as Git LFS does, by a script in its place.
func (s *sample) largeFiles() {
	s.t.Helper()
	store := s.t.TempDir()
	script := filepath.Join(store, "lfs.sh")
	s.must(os.WriteFile(script, []byte(`set -e
case $1 in
clean)
	cat >"$0.new"
	sum=$(sha256sum <"$0.new" | cut -c1-64)
	size=$(wc -c <"$0.new")
	mv "$0.new" "$(dirname "$0")/$sum"
	printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n' "$sum" "$size" ;;
smudge) cat "$(dirname "$0")/$(sed -n 's/^oid sha256://p')" ;;
esac
`), 0o600))
	for _, filter := range []string{"clean", "smudge"} {
		s.gitIn("", "config", "filter.lfs."+filter, "sh "+script+" "+filter)
	}
	s.gitIn("", "config", "filter.lfs.required", "true")
}
