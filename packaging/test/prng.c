/* A test aid, never shipped: wine before 9 lacks the library from which Go takes its
   random numbers. Built as bcryptprimitives.dll into the test's own wine. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG size);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T size)
{
	while (size) {
		ULONG part = size > 65536 ? 65536 : (ULONG)size;
		if (!SystemFunction036(buffer, part))
			return FALSE;
		buffer += part;
		size -= part;
	}
	return TRUE;
}
