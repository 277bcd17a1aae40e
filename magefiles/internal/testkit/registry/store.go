package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	ggcr "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// store keeps blobs in files, once each, and knows which repository has which: go-containerregistry's own stores show a
// blob in every repository, which hides a push that forgot one.
//
//	blobs/<hex>                            content
//	repositories/<name>/_blobs/<hex>       empty: the repository has the blob
//	repositories/<name>/_manifests/<file>  a manifest as it was put (manifest.go)
type store struct{ dir string }

var (
	_ ggcr.BlobHandler       = (*store)(nil)
	_ ggcr.BlobStatHandler   = (*store)(nil)
	_ ggcr.BlobPutHandler    = (*store)(nil)
	_ ggcr.BlobDeleteHandler = (*store)(nil)
)

type repositoryKey struct{}

// withRepository carries the repository's name to the blob handler: what go-containerregistry passes there differs
// between an upload and a download.
func withRepository(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, repositoryKey{}, name)
}

func (s *store) blob(h v1.Hash) string { return filepath.Join(s.dir, "blobs", h.Hex) }

func (s *store) repository(name string, parts ...string) string {
	return filepath.Join(append([]string{s.dir, "repositories", filepath.FromSlash(name)}, parts...)...)
}

func (s *store) mark(ctx context.Context, h v1.Hash) string {
	name, _ := ctx.Value(repositoryKey{}).(string)
	return s.repository(name, "_blobs", h.Hex)
}

// Stat returns a blob's size in bytes, ErrNotFound when the request's repository does not have it.
func (s *store) Stat(ctx context.Context, _ string, h v1.Hash) (int64, error) {
	if _, err := os.Stat(s.mark(ctx, h)); err != nil {
		return 0, notFound(err)
	}
	info, err := os.Stat(s.blob(h))
	if err != nil {
		return 0, notFound(err)
	}
	return info.Size(), nil
}

// Get opens a blob.
func (s *store) Get(ctx context.Context, repository string, h v1.Hash) (io.ReadCloser, error) {
	if _, err := s.Stat(ctx, repository, h); err != nil {
		return nil, err
	}
	return os.Open(s.blob(h))
}

// Put keeps a blob. The reader fails when the content is not what its digest says; nothing is kept then.
func (s *store) Put(ctx context.Context, _ string, h v1.Hash, content io.ReadCloser) error {
	if err := writeFile(s.blob(h), content); err != nil {
		return err
	}
	return writeFile(s.mark(ctx, h), nil)
}

// Delete takes a blob from the request's repository.
func (s *store) Delete(ctx context.Context, _ string, h v1.Hash) error {
	return notFound(os.Remove(s.mark(ctx, h)))
}

func notFound(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ggcr.ErrNotFound
	}
	return err
}

// writeFile writes through a temporary file, so that a file is either whole or not there. No content makes an empty file.
func writeFile(path string, content io.Reader) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, file.Close())
		if err != nil {
			err = errors.Join(fmt.Errorf("writing %q: %w", path, err), os.Remove(file.Name()))
			return
		}
		err = os.Rename(file.Name(), path)
	}()
	if content == nil {
		return nil
	}
	_, err = io.Copy(file, content)
	return err
}

// Forget loses all blobs of a repository, as registries do at times.
func (s *Server) Forget(repository string) {
	_ = os.RemoveAll(s.store.repository(repository, "_blobs")) // what is not lost a test finds out
}
