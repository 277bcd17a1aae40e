package targets_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// copied is a Dockerfile that takes one file.
const copied = "FROM BASE\nCOPY a.txt /out\n"

// TestLinksReachImages has what is linked to count, wherever a link may stand.
func TestLinksReachImages(t *testing.T) {
	written := "FROM BASE\nRUN write /out one\n"
	kinds(t, map[string]kind{
		"linked Dockerfile": {files: map[string]string{
			"docker/web.Dockerfile": written, "Dockerfile": "-> docker/web.Dockerfile", ".dockerignore": "docker\n.git\n",
		}, out: "/out", change: two("docker/web.Dockerfile")},
		"linked Dockerfile out of the context": {keys: "context: app", files: map[string]string{
			"docker/common.Dockerfile": written, "app/Dockerfile": "-> ../docker/common.Dockerfile", "app/x": "x",
		}, out: "/out", change: two("docker/common.Dockerfile")},
		"Dockerfile out of the context": {
			keys: "context: app, dockerfile: docker/Dockerfile", files: map[string]string{"docker/Dockerfile": written, "app/x": "x"},
			out: "/out", change: two("docker/Dockerfile"),
		},
		"linked context": {
			keys: "context: app, dockerfile: Dockerfile", dockerfile: copied,
			files: map[string]string{"services/app/a.txt": "one", "app": "-> services/app"}, out: "/out", change: two("services/app/a.txt"),
		},
		"linked parent of a context": {
			keys: "context: lnk/app, dockerfile: Dockerfile", dockerfile: copied,
			files: map[string]string{"services/app/a.txt": "one", "lnk": "-> services"}, out: "/out", change: two("services/app/a.txt"),
		},
		"linked named context": {
			keys: "contexts: { assets: assets }", dockerfile: "FROM BASE\nCOPY --from=assets a.txt /out\n",
			files: map[string]string{"real/a.txt": "one", "assets": "-> real"}, out: "/out", change: two("real/a.txt"),
		},
		"linked dockerignore": {keys: "context: svc", files: map[string]string{
			"svc/Dockerfile": "FROM BASE\nCOPY . /s\n", ".dockerignore": "config\n", "svc/.dockerignore": "-> ../.dockerignore", "svc/config/app.yaml": "one",
		}, out: "/s/config/app.yaml", change: two("svc/config/app.yaml")},
		"copied link": {
			dockerfile: "FROM BASE\nCOPY core/y /out\n", files: map[string]string{"lib/y": "one", "core/y": "-> ../lib/y"},
			out: "/out", change: two("lib/y"),
		},
	})
}

// TestSubmodulesReachImages has the commit of a submodule count, and refuses one that is not there.
func TestSubmodulesReachImages(t *testing.T) {
	withLibrary := func(s *sample) { s.library() }
	kinds(t, map[string]kind{
		"context in a submodule": {keys: "context: lib/app, dockerfile: Dockerfile", dockerfile: copied, before: withLibrary, out: "/out", change: newLibrary},
		"submodule as a context": {keys: "contexts: { l: lib }", dockerfile: "FROM BASE\nCOPY --from=l app/a.txt /out\n", before: withLibrary, out: "/out", change: newLibrary},
		"submodule let in": {
			dockerfile: "FROM BASE\nCOPY lib/app/a.txt /out\n", files: map[string]string{".dockerignore": "*\n!lib/app\n"},
			before: withLibrary, out: "/out", change: newLibrary,
		},
		"submodule not checked out": {dockerfile: "FROM BASE\nCOPY lib /lib2\n", before: withLibrary, refused: "submodule", change: func(s *sample) {
			s.gitIn("", "submodule", "--quiet", "deinit", "--force", "lib")
			s.write("x", "x")
			s.commit("without it")
		}},
		"ignored file of a submodule": {dockerfile: "FROM BASE\nCOPY lib /s\n", out: "/s/x.o", before: func(s *sample) {
			s.library()
			s.write("lib/.gitignore", "*.o\n")
			s.gitIn("lib", "add", ".")
			s.gitIn("lib", "commit", "-q", "-m", "ignore")
			s.commit("ignored there")
			s.write("lib/x.o", "one")
		}, change: func(s *sample) {
			s.write("lib/x.o", "two")
			s.write("b.txt", "x")
			s.commit("another")
		}},
	})
}

// TestWhatGitDoesNotLookAt is refused, or reaches the image.
func TestWhatGitDoesNotLookAt(t *testing.T) {
	hidden := func(flag string) func(*sample) {
		return func(s *sample) {
			s.write("b.txt", "x")
			s.commit("another")
			s.gitIn("", "update-index", flag, "a.txt")
			s.write("a.txt", "local")
		}
	}
	one := map[string]string{"a.txt": "one"}
	kinds(t, map[string]kind{
		"assume-unchanged": {dockerfile: copied, files: one, change: hidden("--assume-unchanged"), refused: "a.txt"},
		"skip-worktree":    {dockerfile: copied, files: one, change: hidden("--skip-worktree"), refused: "a.txt"},
		"assume-unchanged with the file of before": {dockerfile: copied, files: one, refused: "a.txt", change: func(s *sample) {
			s.write("a.txt", "two")
			s.commit("two")
			s.gitIn("", "update-index", "--assume-unchanged", "a.txt")
			s.write("a.txt", "one") // whose image is published
		}},
		"sparse checkout": {dockerfile: "FROM BASE\nCOPY . /s\n", files: map[string]string{"api/a.txt": "one", "web/b.txt": "one"}, refused: "web", change: func(s *sample) {
			s.write("api/a.txt", "two")
			s.commit("two")
			s.gitIn("", "sparse-checkout", "set", "--cone", "api")
		}},
		"line ends": {dockerfile: "FROM BASE\nCOPY a.txt /out\n", files: map[string]string{"a.txt": "x\n"}, change: func(s *sample) {
			s.write(".gitattributes", "*.txt text eol=crlf\n")
			s.commit("for Windows")
			s.must(os.Remove(filepath.Join(s.dir, "a.txt")))
			s.gitIn("", "checkout", "a.txt")
		}},
		"line ends saved otherwise": {dockerfile: copied, files: map[string]string{"a.txt": "x\n"}, refused: "a.txt", change: func(s *sample) {
			s.write(".gitattributes", "*.txt text eol=crlf\n")
			s.commit("for Windows") // the file keeps what a checkout would not write
		}},
		"filter that changed": {
			dockerfile: copied, refused: "a.txt", files: map[string]string{"a.txt": "one", ".gitattributes": "*.txt filter=f\n"},
			change: func(s *sample) {
				s.write("b", "x")
				s.commit("another")
				s.gitIn("", "config", "filter.f.smudge", "tr a-z A-Z")
			},
		},
		"pointer of LFS": {dockerfile: copied, files: one, refused: "a.txt", change: func(s *sample) {
			s.write(".gitattributes", "a.txt filter=lfs diff=lfs merge=lfs -text\n")
			s.write("a.txt", "version https://git-lfs.github.com/spec/v1\noid sha256:"+
				"4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n")
			s.commit("a large file")
		}},
		"tracked dist": {
			dockerfile: "FROM BASE\nCOPY dist /srv\n", files: map[string]string{"dist/images/logo.txt": "one", "dist/logs/l.txt": "x"},
			out: "/srv/images/logo.txt", change: two("dist/images/logo.txt"),
		},
		"untracked dist": {dockerfile: "FROM BASE\nCOPY . /srv\n", files: one, refused: "dist/", change: func(s *sample) {
			s.write("b.txt", "x")
			s.commit("another")
			s.write("dist/assets/app.js", "made by a step before")
		}},
		"ignored file": {
			dockerfile: "FROM BASE\nCOPY .env /out\n", files: map[string]string{".gitignore": ".env\n/.astrago\n"}, out: "/out",
			before: func(s *sample) { s.write(".env", "one") }, change: func(s *sample) {
				s.write(".env", "two")
				s.write("b.txt", "x")
				s.commit("another")
			},
		},
		"same size and time": {
			dockerfile: copied, files: map[string]string{"a.txt": "one"}, out: "/out",
			before: func(s *sample) { s.old("a.txt") }, change: func(s *sample) {
				s.write("a.txt", "two")
				s.old("a.txt")
				s.commit("two")
			},
		},
		"modes of a checkout": {dockerfile: "FROM BASE\nCOPY . /s\n", files: map[string]string{"a.txt": "one", ".dockerignore": ".git\nb.txt\n"}, reused: true, change: func(s *sample) {
			s.write("b.txt", "x")
			s.commit("another")
			s.gitIn("", "config", "core.fileMode", "false")
			s.must(os.Chmod(filepath.Join(s.dir, "a.txt"), 0o600))
			s.must(os.Mkdir(filepath.Join(s.dir, "empty"), 0o700))
		}},
	})
}

// old gives a file the constant time that reproducible archives have.
func (s *sample) old(path string) {
	s.t.Helper()
	then := time.Date(1980, 2, 1, 0, 0, 0, 0, time.UTC)
	s.must(os.Chtimes(filepath.Join(s.dir, path), then, then))
}
