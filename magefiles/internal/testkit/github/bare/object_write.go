package bare

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// writeObject stores a loose object in git's own format (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects), which takes
// a fraction of the time of a git process. It appears under its name when it is whole, as from git itself.
func writeObject(ctx context.Context, r *Repository, kind string, data []byte) (string, error) {
	header := fmt.Appendf(nil, "%s %d\x00", kind, len(data))
	hash := sha1.New()
	hash.Write(header)
	hash.Write(data)
	oid := hex.EncodeToString(hash.Sum(nil))
	path := filepath.Join(r.dir, "objects", oid[:2], oid[2:])
	if _, err := os.Stat(path); err == nil {
		return oid, nil
	}
	if err := place(path, deflateObject(r, header, data)); err != nil {
		return "", fmt.Errorf("writing %s: %w", kind, err)
	}
	return oid, ctx.Err()
}

// deflateObject compresses in memory. Compressors are kept, because making one costs more than compressing what is usual.
func deflateObject(r *Repository, parts ...[]byte) []byte {
	var packed bytes.Buffer
	compressor, ok := r.compressors.Get().(*zlib.Writer)
	if !ok {
		compressor = zlib.NewWriter(&packed)
	}
	compressor.Reset(&packed)
	for _, part := range parts {
		_, _ = compressor.Write(part) // a buffer takes everything, here and in Close
	}
	_ = compressor.Close()
	r.compressors.Put(compressor)
	return packed.Bytes()
}

// place returns a file its name once it has its whole content.
func place(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "tmp_obj_")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Chmod(file.Name(), 0o444)
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
