package rendercheck_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/rendercheck"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// machineSecret is the content of a file of the runner outside of the deployment repository.
const machineSecret = "machine-secret-0123456789"

// spell is a template that prints a file of the chart letter by letter, so that no mask knows it.
const spell = `{{ fail (printf "error %s" (regexReplaceAll "(.)" (.Files.Get "files/x") "${1}.")) }}`

// told fails where an error says a secret in full or with dots between its letters.
func (w *world) told(err error, secret string) {
	w.Helper()
	if err == nil {
		return
	}
	if text := err.Error(); strings.Contains(text, secret) || strings.Contains(strings.ReplaceAll(text, ".", ""), secret) {
		w.Errorf("the error tells a secret:\n%v", err)
	}
}

// packed returns an archive of entries below one directory; a regular file's content is zeros of its size, or its link's name. Each
// entry is a member of gzip's, so that one that is repeated is compressed once.
func packed(t *testing.T, entries ...tar.Header) []byte {
	t.Helper()
	var archive, member bytes.Buffer
	for i, header := range entries {
		if i == 0 || !reflect.DeepEqual(header, entries[i-1]) {
			member.Reset()
			compressEntry(t, &member, header)
		}
		archive.Write(member.Bytes())
	}
	compress(t, &archive, func(w *tar.Writer) error { return w.Close() })
	return archive.Bytes()
}

func compressEntry(t *testing.T, to io.Writer, header tar.Header) {
	t.Helper()
	if header.Typeflag != tar.TypeXGlobalHeader {
		header.Name = "acme-deployment-0a1b2c3/" + header.Name
	}
	content := header.Linkname
	if header.Typeflag == tar.TypeReg {
		header.Linkname = ""
		header.Size = max(header.Size, int64(len(content)))
	}
	compress(t, to, func(w *tar.Writer) error {
		if err := w.WriteHeader(&header); err != nil || header.Size == 0 {
			return errors.Join(err, w.Flush())
		}
		_, err := io.Copy(w, io.LimitReader(io.MultiReader(strings.NewReader(content), zeros{}), header.Size))
		return errors.Join(err, w.Flush())
	})
}

func compress(t *testing.T, to io.Writer, write func(*tar.Writer) error) {
	t.Helper()
	zipped, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(write(tar.NewWriter(zipped)), zipped.Close()); err != nil {
		t.Fatal(err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestAttackLinks puts links into a chart that lead to a file of the machine, by all ways there are.
func TestAttackLinks(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(secret, []byte(machineSecret), 0o644); err != nil {
		t.Fatal(err)
	}
	file := func(name, content string) tar.Header {
		return tar.Header{Name: name, Typeflag: tar.TypeReg, Linkname: content, Mode: 0o644}
	}
	link := func(name, target string) tar.Header {
		return tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: target}
	}
	climb := strings.Repeat("../", 40) + strings.TrimPrefix(secret, "/")
	base := []tar.Header{file("charts/shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 0.1.0\n"), file("charts/shop/templates/a.yaml", spell), file("helm/values.yaml", "a: b\n")}
	for name, links := range map[string][]tar.Header{
		"absolute":         {link("charts/shop/files/x", secret)},
		"climbing":         {link("charts/shop/files/x", climb)},
		"directory":        {link("charts/shop/files", filepath.Dir(secret))},
		"chain":            {link("charts/shop/files/x", "y"), link("charts/shop/files/y", "z"), link("charts/shop/files/z", secret)},
		"chain, backwards": {link("a", secret), link("charts/shop/files/x", "../../../a")},
		"through a link":   {link("up", ".."), link("charts/shop/files/x", "../../../up/"+strings.TrimPrefix(climb, "../"))},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			e := rendercheck.Edit{Place: "acme/deployment@main", Archive: packed(t, append(base, links...)...), Images: []rendercheck.Image{{Component: "core", Ref: refs.Image("x:y")}}}
			err := w.check(e, byHelm())
			w.refused(err, "leads out of the repository")
			w.told(err, machineSecret)
		})
	}
	t.Run("within", func(t *testing.T) {
		w := newWorld(t)
		e := rendercheck.Edit{Place: "acme/deployment@main", Images: []rendercheck.Image{{Component: "core", Ref: refs.Image("x:y")}}}
		e.Archive = packed(t, append(base, link("charts/shop/files/x", "../../../helm/values.yaml"), link("docs/gone", "../not/there"))...)
		err := w.check(e, byHelm())
		w.refused(err, "shop/templates/a.yaml:1:")
		w.told(err, "a: b")
	})
}

// TestAttackArchives unpacks archives that would become more than a machine has, and measures what is kept of them in memory.
func TestAttackArchives(t *testing.T) {
	var many, large []tar.Header
	for range 100_001 {
		many = append(many, tar.Header{Name: "a", Typeflag: tar.TypeDir})
	}
	loose := slices.Repeat([]tar.Header{{Name: ".", Typeflag: tar.TypeReg, Size: 100 << 20, Mode: 0o644}}, 11)
	sparse := slices.Repeat([]tar.Header{{Name: "a", Typeflag: tar.TypeCont, Size: 100 << 20, Mode: 0o644}}, 11)
	headers := slices.Repeat([]tar.Header{{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": "x"}}}, 100_001)
	for range 11 {
		large = append(large, tar.Header{Name: "a", Typeflag: tar.TypeReg, Size: 100 << 20, Mode: 0o644})
	}
	for name, test := range map[string]struct {
		entries []tar.Header
		says    string
	}{
		"one file":                   {[]tar.Header{{Name: "zeros", Typeflag: tar.TypeReg, Size: 400 << 20, Mode: 0o644}}, `zeros" has 400 MiB`},
		"many":                       {many, "more than 100000 files"},
		"together":                   {large, "more than 1024 MiB"},
		"together, left out by name": {loose, "more than 1024 MiB"},
		"together, left out by kind": {sparse, "more than 1024 MiB"},
		"many, left out":             {headers, "more than 100000 files"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			e := rendercheck.Edit{Place: "acme/deployment@main", Archive: packed(t, test.entries...), Images: []rendercheck.Image{{Component: "core", Ref: refs.Image("x:y")}}}
			peak := peakHeap(t)
			err := w.check(e, config.Check{Command: "true"})
			w.refused(err, test.says)
			if used := peak(); used > 200<<20 {
				t.Errorf("%d MiB were held at once", used>>20)
			}
		})
	}
}

// peakHeap measures the memory in use from now on, in bytes above what is in use now, until the returned function is called.
func peakHeap(t *testing.T) (grown func() uint64) {
	t.Helper()
	runtime.GC()
	used := func() uint64 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapInuse
	}
	before, done, peak := used(), make(chan struct{}), make(chan uint64)
	go func() {
		highest, tick := before, time.NewTicker(5*time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				highest = max(highest, used())
			case <-done:
				peak <- max(highest, used()) - before
				return
			}
		}
	}()
	return func() uint64 {
		close(done)
		return <-peak
	}
}

// TestAttackMessages lets charts and commands say what the check is not to repeat.
func TestAttackMessages(t *testing.T) {
	w := newWorld(t)
	w.files["charts/shop/files/x"] = machineSecret
	w.files["charts/shop/templates/spell.yaml"] = spell
	e := w.edit("helm/values.yaml", []string{"core"}, newTags...)
	err := w.check(e, byHelm())
	w.refused(err, "shop/templates/spell.yaml:1:", "execution error at")
	w.told(err, machineSecret)
	if strings.Contains(err.Error(), "m.a.c") {
		t.Errorf("it is spelt out: %v", err)
	}
	for _, line := range []string{
		"Error: " + strings.Join(strings.Split(machineSecret, ""), " "), "error: template: " + machineSecret + ".yaml:1:2: nil pointer evaluating " + machineSecret,
		"execution error at (shop/templates/core.yaml:1:2): m-a-c-h-i-n-e", "  failed: " + machineSecret, "failed processing release " + machineSecret + ": no",
	} {
		w := newWorld(t)
		w.files["fail.sh"] = "cat >&2 <<'.'\n" + line + "\n.\nexit 1\n"
		err := w.check(w.edit("helm/values.yaml", []string{"core"}, newTags...), config.Check{Command: ". ./fail.sh"})
		w.refused(err, "ended with exit code 1")
		w.told(err, machineSecret)
		if strings.Contains(err.Error(), "m a c") || strings.Contains(err.Error(), "m-a-c") {
			t.Errorf("it is spelt out: %v", err)
		}
	}
}

// locked is a Chart.lock that helm takes for the chart's dependencies: it hashes both lists.
func locked(dependencies string) string {
	list := `[{"name":"common","version":"0.1.0","repository":"` + dependencies + `"}]`
	return fmt.Sprintf("dependencies:\n- name: common\n  version: 0.1.0\n  repository: %s\ndigest: sha256:%x\ngenerated: \"2026-01-01T00:00:00Z\"\n",
		dependencies, sha256.Sum256([]byte("["+list+","+list+"]")))
}

// TestAttackDependencies names places that a chart is not to be fetched from, and the one that is right.
func TestAttackDependencies(t *testing.T) {
	outside := t.TempDir()
	for name, test := range map[string]struct {
		repository string
		lock       bool
		says       string
	}{
		"any directory":   {"file://" + outside, true, "is not in the repository"},
		"above":           {"file://../../../../" + outside, true, "is not in the repository"},
		"metadata":        {"http://169.254.169.254/latest/meta-data", true, `Chart.lock takes "common" from`},
		"not locked":      {"https://charts.example.com", false, "has no Chart.lock"},
		"of the tree":     {"file://../common", true, ""},
		"not locked tree": {"file://../common", false, "has no Chart.lock"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.files["charts/common/Chart.yaml"] = "apiVersion: v2\nname: common\nversion: 0.1.0\n"
			w.files["charts/shop/Chart.yaml"] += "dependencies:\n- { name: common, version: 0.1.0, repository: '" + test.repository + "' }\n"
			if test.lock {
				w.files["charts/shop/Chart.lock"] = locked(test.repository)
			}
			err := w.check(w.edit("helm/values.yaml", []string{"core", "batch"}, newTags...), byHelm())
			if test.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			w.refused(err, test.says)
		})
	}
}

// TestAttackHome gives renderers a user with logins, and tokens in the environment.
func TestAttackHome(t *testing.T) {
	w := newWorld(t)
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, ".docker"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".docker", "config.json"), []byte(machineSecret), 0o644); err != nil {
		t.Fatal(err)
	}
	w.environ = append(w.environ, "HOME="+home, "XDG_CONFIG_HOME="+home, "HELM_REGISTRY_CONFIG="+home, "KUBECONFIG="+home, "AWS_SECRET_ACCESS_KEY="+machineSecret, "SOPS_AGE_KEY_FILE=/key")
	closed := `test ! -e "$HOME/.docker/config.json" && test -z "${XDG_CONFIG_HOME-}${HELM_REGISTRY_CONFIG-}${KUBECONFIG-}${AWS_SECRET_ACCESS_KEY-}" && `
	e := w.edit("helm/values.yaml", []string{"core"}, newTags...)
	prints := `printf 'kind: Pod\nmetadata: {name: core}\nspec: {image: "ghcr.io/acme/shop:core-stage-a1b2c3d4"}\n'`
	if err := w.check(e, config.Check{Command: closed + `test -z "${SOPS_AGE_KEY_FILE-}" && ` + prints}); err != nil {
		t.Error(err)
	}
	if err := w.check(e, config.Check{Command: closed + `test "$SOPS_AGE_KEY_FILE" = /key && ` + prints, Env: []string{"SOPS_AGE_KEY_FILE"}}); err != nil {
		t.Errorf("a variable that is asked for: %v", err)
	}
}

// TestAttackHelmfile runs programs from one file of the deployment repository.
func TestAttackHelmfile(t *testing.T) {
	for name, text := range map[string]string{
		"exec":  "releases: []\n---\n{{ exec \"sh\" (list \"-c\" \"touch RAN\") }}\n",
		"hooks": "releases:\n  - name: shop\n    namespace: shop\n    chart: ../charts/shop\n    values: [../helm/values.yaml]\n    hooks:\n      - events: [prepare]\n        command: touch\n        args: [RAN]\n",
	} {
		t.Run(name, func(t *testing.T) {
			ran := filepath.Join(t.TempDir(), "ran")
			w := newWorld(t)
			w.files["helmfile/evil.yaml.gotmpl"] = strings.ReplaceAll(text, "RAN", ran)
			e := w.edit("helm/values.yaml", []string{"core", "batch"}, newTags...)
			check := config.Check{Helmfile: &config.Helmfile{File: "helmfile/evil.yaml.gotmpl"}}
			w.refused(w.check(e, check), "disabled")
			if _, err := os.Stat(ran); err == nil {
				t.Error("it ran a program")
			}
			check.Helmfile.Exec = true
			err := w.check(e, check)
			if _, statErr := os.Stat(ran); statErr != nil {
				t.Errorf("exec: true does not let it: %v", err)
			}
		})
	}
}
