package millstream

import (
	"encoding/binary"
	"fmt"
	"unsafe"
)

// The contract's world `records` by hand, in the component model's layout: lists and texts are a
// pointer and a length, what is returned lies where the returned pointer says.

//go:wasmimport millstream:transform/logging@0.1.0 log
func hostLog(level uint32, text unsafe.Pointer, length uint32)

// Log tells the module's author something.
func Log(level Level, message string) {
	hostLog(uint32(level), unsafe.Pointer(unsafe.StringData(message)), uint32(len(message)))
}

// kept holds on to what the host writes and reads, until the call is over.
var kept []any

//go:wasmexport cabi_realloc
func realloc(old unsafe.Pointer, oldSize, align, size uint32) unsafe.Pointer {
	// Words, so that every alignment the contract needs is met.
	words := make([]uint64, max(1, (size+7)/8))
	kept = append(kept, words)
	block := unsafe.Pointer(unsafe.SliceData(words))
	if oldSize > 0 {
		copy(unsafe.Slice((*byte)(block), size), unsafe.Slice((*byte)(old), oldSize))
	}
	return block
}

//go:wasmexport open-records
func openRecords(
	fields unsafe.Pointer, fieldCount uint32, config unsafe.Pointer, configLength uint32,
	sync unsafe.Pointer, syncLength uint32, stream unsafe.Pointer, streamLength uint32, runClock int64,
) unsafe.Pointer {
	given := make([]Field, fieldCount)
	for place := range given {
		block := unsafe.Slice((*byte)(unsafe.Add(fields, place*20)), 20)
		given[place] = Field{textAt(block[0:]), textAt(block[8:]), block[16] != 0}
	}
	context := Context{text(sync, syncLength), text(stream, streamLength), runClock}
	made, err := guarded(func() (plan, error) { return open(text(config, configLength), context, given) })
	kept = nil
	result := keep(make([]byte, 20))
	if err != nil {
		result[0] = 1
		putText(result[4:], err.Error())
		return pointer(result)
	}
	planned := keep(make([]byte, 24*len(made.fields)))
	for place, field := range made.fields {
		block := planned[place*24:]
		if field.passed {
			block[0] = 1
			binary.LittleEndian.PutUint32(block[12:], field.column)
		} else {
			putText(block[12:], field.Type)
			block[20] = flag(field.Nullable)
		}
		putText(block[4:], field.Name)
	}
	putList(result[4:], planned, len(made.fields))
	putNumbers(result[12:], made.needs)
	return pointer(result)
}

//go:wasmexport apply-records
func applyRecords(records unsafe.Pointer, length uint32) unsafe.Pointer {
	made, err := guarded(func() (output, error) { return apply(unsafe.Slice((*byte)(records), length)) })
	kept = nil
	result := keep(make([]byte, 28))
	if err != nil {
		result[0] = 1
		putText(result[4:], err.Error())
		return pointer(result)
	}
	putList(result[4:], keep(made.records), len(made.records))
	putNumbers(result[12:], made.sourceRows)
	rejects := keep(make([]byte, 32*len(made.rejects)))
	for place, reject := range made.rejects {
		block := rejects[place*32:]
		binary.LittleEndian.PutUint32(block, reject.row)
		if reject.column != "" {
			block[4] = 1
			putText(block[8:], reject.column)
		}
		putText(block[16:], reject.code)
		putText(block[24:], reject.message)
	}
	putList(result[20:], rejects, len(made.rejects))
	return pointer(result)
}

//go:wasmexport cabi_post_open-records
func openedRecords(unsafe.Pointer) { kept = nil }

//go:wasmexport cabi_post_apply-records
func appliedRecords(unsafe.Pointer) { kept = nil }

// guarded makes a panic the call's error: Go's own end of a program says nothing to anybody here.
func guarded[T any](call func() (T, error)) (made T, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
			Log(Error, err.Error())
		}
	}()
	return call()
}

func text(block unsafe.Pointer, length uint32) string {
	return string(unsafe.Slice((*byte)(block), length))
}

func textAt(block []byte) string {
	address := uintptr(binary.LittleEndian.Uint32(block))
	return text(*(*unsafe.Pointer)(unsafe.Pointer(&address)), binary.LittleEndian.Uint32(block[4:]))
}

func keep(block []byte) []byte {
	kept = append(kept, block)
	return block
}

func pointer(block []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(block)) }

func putList(at, block []byte, count int) {
	binary.LittleEndian.PutUint32(at, uint32(uintptr(pointer(block))))
	binary.LittleEndian.PutUint32(at[4:], uint32(count))
}

func putText(at []byte, text string) {
	putList(at, keep([]byte(text)), len(text))
}

func putNumbers(at []byte, numbers []uint32) {
	block := keep(make([]byte, 0, 4*len(numbers)))
	for _, number := range numbers {
		block = binary.LittleEndian.AppendUint32(block, number)
	}
	putList(at, block, len(numbers))
}

func flag(set bool) byte {
	if set {
		return 1
	}
	return 0
}
