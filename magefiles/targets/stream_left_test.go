package targets_test

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// namesImages compares the digests of a commit's trailers with the registry's.
func (s *stream) namesImages(c bumped, m moment) bool {
	there := m.units[m.op.unit]
	for _, image := range c.trailers("Astrago-Image") {
		component, named, _ := strings.Cut(image, " ")
		tag := s.tag(component, m.op.environment, there.deployed[component])
		if s.imageOf(component, tag, there.deployed[component]) != digestIn(named) {
			return false
		}
	}
	return true
}

func digestIn(reference string) string {
	_, digest, _ := strings.Cut(reference, "@")
	return digest
}

// checkImages looks at every tag that the values ever named: it is there, names what it always named, and that holds what the
// commit has.
func (s *stream) checkImages() {
	for _, m := range s.history {
		for u, there := range m.units {
			for component, r := range there.deployed {
				if r <= 0 {
					continue
				}
				tag := s.tag(component, u.environment, r)
				if name := component + ":" + tag; s.looked[name] != len(s.history) {
					s.looked[name] = len(s.history)
					s.imageOf(component, tag, r)
				}
			}
		}
	}
}

// digestOf returns the digest of a tag, "" where the registry has none.
func (s *stream) digestOf(component, tag string) string {
	if digest, known := s.digests[repository(component)+":"+tag]; known {
		return digest // forever
	}
	digest, err := s.head(s.reference(component, tag))
	if err != nil {
		return ""
	}
	return digest
}

func (s *stream) reference(component, tag string) name.Reference {
	ref, err := name.ParseReference(s.registry.Addr()+"/"+repository(component)+":"+tag, name.Insecure)
	s.must(err)
	return ref
}

func (s *stream) head(ref name.Reference) (string, error) {
	desc, err := s.puller.Head(s.t.Context(), ref)
	if err != nil {
		return "", err
	}
	return desc.Digest.String(), nil
}

// imageOf returns the digest of a tag as the registry has it now.
func (s *stream) imageOf(component, tag string, r revision) string {
	named, ref := repository(component)+":"+tag, s.reference(component, tag)
	digest, err := s.head(ref)
	if err != nil {
		s.t.Errorf("the values name %s: %v", tag, err)
		return ""
	}
	if was, known := s.digests[named]; known && was != digest {
		s.t.Errorf("the tag %s was %s and is %s", named, was, digest)
	} else if !known {
		s.digests[named] = digest
		s.count("tags")
		s.checkContent(ref, component, s.sources[serviceOf(component)].programs[r][component])
	}
	return digest
}

// checkContent pulls an image and wants a component's program in it.
func (s *stream) checkContent(ref name.Reference, component, want string) {
	desc, err := s.puller.Get(s.t.Context(), ref)
	s.must(err)
	image, err := desc.Image()
	s.must(err)
	content := mutate.Extract(image)
	defer content.Close()
	for r := tar.NewReader(content); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			s.t.Errorf("%s has no %s", ref, files[component][1])
			return
		}
		s.must(err)
		if strings.TrimPrefix(header.Name, "/") != files[component][1] {
			continue
		}
		got, err := io.ReadAll(r)
		s.must(err)
		if strings.TrimSpace(string(got)) != want {
			s.t.Errorf("%s holds %q, want %q", ref, got, want)
		}
		return
	}
}

// secrets are what no byte that leaves a process may hold: the tokens, of which those of the processes begin with the
// world's, plain and as HTTP sends them.
func (s *stream) secrets() [][]byte {
	var all [][]byte
	for _, shown := range ofApp(s.appKey) {
		all = append(all, []byte(shown))
	}
	for _, token := range []string{s.registryToken, s.deployToken} {
		for _, text := range []string{token, "dev:" + token} {
			whole := text[:len(text)/3*3] // of which the coding is the same whatever follows
			all = append(all, []byte(text), []byte(base64.StdEncoding.EncodeToString([]byte(whole))))
		}
	}
	return all
}

// checkOutput searches what a process said.
func (s *stream) checkOutput(a *attempt) {
	s.searchForTokens(a.op.String(), []byte(a.stdout.String()+a.stderr.String()))
}

func (s *stream) searchForTokens(where string, data []byte) {
	for _, secret := range s.secrets() {
		if bytes.Contains(data, secret) {
			s.t.Errorf("%s shows a token", where)
		}
	}
}

// checkFiles searches every file that the processes left, and every commit of the deployment repository.
func (s *stream) checkFiles() {
	s.searchForTokens("the history", []byte(s.bareGit("", "", "log", "-p", "--format=fuller", example.Branch)))
	for _, dir := range s.left {
		s.must(filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(path) //nolint:gosec // of this test
			s.searchForTokens(path, data)
			s.count("files searched")
			return err
		}))
	}
}

// checkProcesses wants nothing to run any more that was started in a checkout. What a killed process has started ends by
// itself; a minute is for machines under load.
func (s *stream) checkProcesses() {
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		alive := s.processes()
		if len(alive) == 0 {
			return
		}
		if time.Now().After(end) {
			s.t.Errorf("processes are left: %q", alive)
			return
		}
	}
}

// processes are those whose working directory is one of the checkouts, as command lines.
func (s *stream) processes() []string {
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	s.must(err)
	var alive []string
	for _, link := range links {
		dir, err := os.Readlink(link)
		if err != nil {
			continue // it has ended
		}
		for _, checkout := range s.left {
			if strings.HasPrefix(dir+"/", checkout+"/") {
				line, _ := os.ReadFile(filepath.Join(filepath.Dir(link), "cmdline")) //nolint:gosec // of this machine
				alive = append(alive, strings.ReplaceAll(string(line), "\x00", " "))
			}
		}
	}
	return alive
}
