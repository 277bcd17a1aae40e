package targets_test

import (
	"maps"
	"testing"
)

// TestOwnedPathsAreInNoImage but for those that name it: a comment in astrago.yaml and another version of ci/ build nothing.
func TestOwnedPathsAreInNoImage(t *testing.T) {
	t.Parallel()
	const all = "FROM BASE\nCOPY . /s\n"
	owned := func(more ...string) map[string]string {
		files := map[string]string{
			".gitmodules": "[submodule \"ci\"]\n\tpath = ci\n\turl = https://github.com/xiilab/astrago-ci.git\n",
			"ci/go.mod":   "module github.com/xiilab/astrago-ci\n", "ci/x": "one", "go.work": "go 1.26.0\n\nuse ./ci // one\n", ".dockerignore": ".git\n",
			".github/workflows/release.yml": "# one\njobs: { r: { uses: xiilab/astrago-ci/.github/workflows/release.yml@v0.1.0 } }\n",
		}
		for i := 0; i < len(more); i += 2 {
			maps.Copy(files, map[string]string{more[i]: more[i+1]})
		}
		return files
	}
	kinds(t, map[string]kind{
		"nothing of it": {dockerfile: all, reused: true, files: owned(), change: func(s *sample) {
			for _, path := range []string{"ci/x", "go.work", ".github/workflows/release.yml"} {
				s.replace(path, "one", "two")
			}
			s.replace("astrago.yaml", "version: 1", "version: 1 # a comment")
			s.commit("another version")
		}},
		"by name": {dockerfile: "FROM BASE\nCOPY ci/x a.txt /s/\n", out: "/s/x", files: owned("a.txt", "x"), change: two("ci/x")},
		"wanted":  {dockerfile: all, out: "/s/ci/x", files: owned(".dockerignore", ".git\n!ci\n"), change: two("ci/x")},
		"in a workspace of both": {
			dockerfile: all, out: "/s/ci/x", files: owned("go.work", "go 1.26.0\n\nuse (\n\t.\n\t./ci\n)\n"), change: two("ci/x"),
		},
	})
}
