// SPDX-License-Identifier: GPL-2.0-only

#ifndef CELL_FREE_RING_H
#define CELL_FREE_RING_H

#include "ns3/assert.h"

#include <cstddef>
#include <utility>
#include <vector>

namespace ns3
{

/**
 * @ingroup cellfree-isac
 * @brief A first-in-first-out list that keeps its memory: once it has been as long as it gets, it
 * takes none from the heap, where a std::deque does with every few elements that pass through.
 *
 * References to elements hold until the next PushBack().
 *
 * @tparam T the elements; a default T stands in free places
 */
template <typename T>
class CellFreeRing
{
  public:
    /// @return true if there is no element
    bool IsEmpty() const
    {
        return m_size == 0;
    }

    /// @return the number of elements
    std::size_t GetSize() const
    {
        return m_size;
    }

    /// @return an element. @param i its position, 0 for the oldest
    T& operator[](std::size_t i)
    {
        NS_ASSERT(i < m_size);
        return m_places[(m_first + i) & (m_places.size() - 1)];
    }

    /// @copydoc operator[]
    const T& operator[](std::size_t i) const
    {
        NS_ASSERT(i < m_size);
        return m_places[(m_first + i) & (m_places.size() - 1)];
    }

    /// Adds an element behind the others. @param element the element
    void PushBack(T element)
    {
        if (m_size == m_places.size())
        {
            Grow();
        }
        ++m_size;
        (*this)[m_size - 1] = std::move(element);
    }

    /// Takes the oldest element out. @return the element
    T TakeFront()
    {
        T element = std::exchange((*this)[0], T());
        m_first = (m_first + 1) & (m_places.size() - 1);
        --m_size;
        return element;
    }

    /// Takes the newest element out. @return the element
    T TakeBack()
    {
        T element = std::exchange((*this)[m_size - 1], T());
        --m_size;
        return element;
    }

  private:
    /// Doubles the number of places, which is a power of two.
    void Grow()
    {
        const std::size_t least = 8;
        std::vector<T> places(m_places.empty() ? least : 2 * m_places.size());
        for (std::size_t i = 0; i < m_size; ++i)
        {
            places[i] = std::move((*this)[i]);
        }
        m_places = std::move(places);
        m_first = 0;
    }

    std::vector<T> m_places; //!< the elements, round and round
    std::size_t m_first{0};  //!< place of the oldest
    std::size_t m_size{0};   //!< number of elements
};

} // namespace ns3

#endif // CELL_FREE_RING_H
