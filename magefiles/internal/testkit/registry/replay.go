package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// kept is a manifest on disk, with the path that it was put to.
type kept struct {
	Path      string `json:"path"`
	MediaType string `json:"mediaType"`
	Content   []byte `json:"content"`
}

// keepManifest remembers a manifest for the next run: go-containerregistry has blobs in files, manifests only in memory.
func (s *store) keepManifest(path, mediaType string, request Request, content []byte) error {
	data, err := json.Marshal(kept{Path: path, MediaType: mediaType, Content: content})
	if err != nil {
		return err
	}
	name := strings.ReplaceAll(request.Target, ":", "_") // not in a file's name on Windows
	return writeFile(s.repository(request.Repository, "_manifests", name), bytes.NewReader(data))
}

// replay puts the manifests of an earlier run again. An index is refused while one of its manifests is missing, so what
// was refused is put again until all is in or nothing moves.
func (s *store) replay(registry http.Handler) error {
	manifests, err := s.manifests()
	if err != nil {
		return fmt.Errorf("reading the registry's manifests: %w", err)
	}
	for len(manifests) > 0 {
		var refused []kept
		for _, manifest := range manifests {
			if !manifest.put(registry) {
				refused = append(refused, manifest)
			}
		}
		if len(refused) == len(manifests) {
			return fmt.Errorf("reading the registry's manifests: %q names manifests that are not there", refused[0].Path)
		}
		manifests = refused
	}
	return nil
}

func (s *store) manifests() ([]kept, error) {
	var manifests []kept
	err := filepath.WalkDir(s.repository(""), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Base(filepath.Dir(path)) != "_manifests" || strings.HasPrefix(entry.Name(), ".new-") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var manifest kept
		if err := json.Unmarshal(data, &manifest); err != nil {
			return fmt.Errorf("%q: %w", path, err)
		}
		manifests = append(manifests, manifest)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return manifests, err
}

func (k kept) put(registry http.Handler) bool {
	request, err := http.NewRequest(http.MethodPut, k.Path, bytes.NewReader(k.Content)) //nolint:noctx // no network: the handler is called
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", k.MediaType)
	answer := &recorder{ResponseWriter: discard{}}
	registry.ServeHTTP(answer, request)
	return answer.status == http.StatusCreated
}

// discard takes an answer that is not read.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
