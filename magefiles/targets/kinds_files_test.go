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
	t.Parallel()
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
		"second file behind a link beside a tmpfs mount": {
			dockerfile: "FROM BASE\nRUN --mount=type=tmpfs,target=/t write /x x\nCOPY lnk/a.txt /a\nCOPY lnk/b.txt /out\n",
			files:      map[string]string{"lib/a.txt": "one", "lib/b.txt": "one", "lnk": "-> lib"}, out: "/out", change: two("lib/b.txt"),
		},
		"copied link": {
			dockerfile: "FROM BASE\nCOPY core/y /out\n", files: map[string]string{"lib/y": "one", "core/y": "-> ../lib/y"},
			out: "/out", change: two("lib/y"),
		},
	})
}

// TestWhatGitDoesNotLookAt is refused, or reaches the image.
func TestWhatGitDoesNotLookAt(t *testing.T) {
	t.Parallel()
	hidden := func(flag string) func(*sample) {
		return func(s *sample) {
			another(s)
			s.gitIn("", "update-index", flag, "a.txt")
			s.write("a.txt", "local")
		}
	}
	one := map[string]string{"a.txt": "one"}
	kinds(t, map[string]kind{
		"assume-unchanged": {dockerfile: copied, files: one, change: hidden("--assume-unchanged"), refused: "a.txt"},
		"skip-worktree":    {dockerfile: copied, files: one, change: hidden("--skip-worktree"), refused: "a.txt"},
		"assume-unchanged Dockerfile of before out of the context": {
			keys: "context: app, dockerfile: docker/Dockerfile", files: map[string]string{"docker/Dockerfile": copied, "app/a.txt": "one"},
			refused: "docker/Dockerfile", change: func(s *sample) {
				s.write("docker/Dockerfile", s.fill(copied+"ENV A=b\n"))
				s.commit("two")
				s.gitIn("", "update-index", "--assume-unchanged", "docker/Dockerfile")
				s.write("docker/Dockerfile", s.fill(copied))
			},
		},
		"assume-unchanged with the file of before": {dockerfile: copied, files: one, refused: "a.txt", change: func(s *sample) {
			s.write("a.txt", "two")
			s.commit("two")
			s.gitIn("", "update-index", "--assume-unchanged", "a.txt")
			s.write("a.txt", "one") // whose image is published
		}},
		"sparse checkout": {dockerfile: "FROM BASE\nCOPY . /s\n", refused: "web", files: map[string]string{
			"api/a.txt": "one", "web/b.txt": "one",
		}, change: func(s *sample) {
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
				another(s)
				s.gitIn("", "config", "filter.f.smudge", "tr a-z A-Z")
			},
		},
		"tracked dist": {
			dockerfile: "FROM BASE\nCOPY dist /srv\n", files: map[string]string{"dist/images/logo.txt": "one", "dist/logs/l.txt": "x"},
			out: "/srv/images/logo.txt", change: two("dist/images/logo.txt"),
		},
		"untracked dist": {dockerfile: "FROM BASE\nCOPY . /srv\n", files: one, refused: "dist/", change: func(s *sample) {
			another(s)
			s.write("dist/assets/app.js", "made by a step before")
		}},
		"ignored file": {
			dockerfile: "FROM BASE\nCOPY .env /out\n", files: map[string]string{".gitignore": ".env\n/.astrago\n"}, out: "/out",
			before: func(s *sample) { s.write(".env", "one") }, change: func(s *sample) {
				s.write(".env", "two")
				another(s)
			},
		},
	})
}

// TestPushOfFormerAttributes refuses images that `mage build` has made of what a checkout wrote by attributes which are gone, and
// not for a file that no image has.
func TestPushOfFormerAttributes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, refused := range map[string]bool{"a.txt": true, "b.txt": false} {
		t.Run(name, func(t *testing.T) {
			s := w.sample(t, "former attributes of "+name, kind{dockerfile: copied, files: map[string]string{
				"a.txt": "one\n", "b.txt": "one\n", ".gitattributes": name + " text eol=crlf\n",
			}})
			file := filepath.Join(s.dir, name)
			s.must(os.Remove(file))
			s.gitIn("", "checkout", "--", name)
			hour := time.Now().Add(-time.Hour) // git believes the time of a file that is older than its index
			s.must(os.Chtimes(file, hour, hour))
			s.gitIn("", "update-index", "--refresh")
			s.must(os.Remove(filepath.Join(s.dir, ".gitattributes")))
			s.commit("no attributes")
			s.succeed("build")
			if refused {
				s.refuse(3, []string{name, "a checkout writes other bytes"}, "push")
				return
			}
			s.succeed("push")
		})
	}
}

// TestPushOutside refuses images that `mage build` has made of files which no commit has.
func TestPushOutside(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "a.txt"), []byte("one"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := newWorld(t).sample(t, "outside", kind{
		keys: "context: away, dockerfile: Dockerfile", dockerfile: copied, files: map[string]string{"away": "-> " + outside},
	})
	s.succeed("build")
	s.refuse(3, []string{"away", "outside of the repository"}, "push")
}
